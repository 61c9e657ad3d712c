package dev.redoubt.buffer;

import dev.redoubt.io.Environment;

/** How long it takes to open pools of some sizes, and to bring the first pages into them. */
public final class OpenTimes {
  private OpenTimes() {}

  /** Nanoseconds to make a pool of so many frames of 8 KiB, and for a thousand first faults. */
  public record Times(long openNanos, long faultsNanos) {}

  /** Opens one pool and lets it go. */
  public static Times measure(int frames) {
    SyntheticPages store = new SyntheticPages(8192, frames);
    BufferPoolOptions options =
        new BufferPoolOptions(frames, false, BufferPoolOptions.Replacement.CAFFEINE);
    long begin = System.nanoTime();
    BufferPool pool = new BufferPool(store, new NoLog(), Environment.system(), options);
    long opened = System.nanoTime();
    for (long id = 1; id <= 1000; id++) {
      pool.shared(id).close();
    }
    long end = System.nanoTime();
    pool.close();
    return new Times(opened - begin, end - opened);
  }
}
