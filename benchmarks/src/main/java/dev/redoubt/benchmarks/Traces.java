package dev.redoubt.benchmarks;

import dev.redoubt.buffer.HitRates.Trace;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Accesses to pages as programs make them. The same seed gives the same trace. */
final class Traces {
  private Traces() {}

  /** Single pages by Zipf's law, the popular ones spread over all. */
  static final class Zipf implements Trace {
    private final SplittableRandom random;
    private final double[] cumulative;
    private final int[] spread;

    Zipf(int pages, double theta, long seed) {
      this.random = new SplittableRandom(seed);
      this.spread = Keys.shuffled(pages, random);
      this.cumulative = new double[pages];
      double sum = 0;
      for (int i = 0; i < pages; i++) {
        sum += 1 / Math.pow(i + 1.0, theta);
        cumulative[i] = sum;
      }
    }

    @Override
    public long next() {
      double drawn = random.nextDouble() * cumulative[cumulative.length - 1];
      int found = Arrays.binarySearch(cumulative, drawn);
      int rank = Math.min(found < 0 ? -found - 1 : found, cumulative.length - 1);
      return 1L + spread[rank];
    }

    @Override
    public boolean counts() {
      return true;
    }
  }

  /** Every second access belongs to a scan that reads all pages in order, over and over. */
  static final class Polluted implements Trace {
    private final Trace points;
    private final int pages;
    private long scanned;
    private boolean scanning;

    Polluted(Trace points, int pages) {
      this.points = points;
      this.pages = pages;
    }

    @Override
    public long next() {
      scanning = !scanning;
      return scanning ? 1 + scanned++ % pages : points.next();
    }

    @Override
    public boolean counts() {
      return !scanning;
    }
  }

  /**
   * Four accesses in five go to a hot set, each page of it as often as any other, the fifth
   * anywhere. The hot set moves on page by page and has moved wholly after a number of accesses.
   */
  static final class Moving implements Trace {
    private final SplittableRandom random;
    private final int pages;
    private final int hotPages;
    private final int accessesToMove;
    private long accesses;

    Moving(int pages, int hotPages, int accessesToMove, long seed) {
      this.random = new SplittableRandom(seed);
      this.pages = pages;
      this.hotPages = hotPages;
      this.accessesToMove = accessesToMove;
    }

    @Override
    public long next() {
      long first = accesses++ * hotPages / accessesToMove;
      return random.nextInt(5) == 0
          ? 1 + random.nextInt(pages)
          : 1 + (first + random.nextInt(hotPages)) % pages;
    }

    @Override
    public boolean counts() {
      return true;
    }
  }
}
