package dev.redoubt.buffer;

/**
 * Picks the hits that the replacement policy is told of. Telling one costs about as much as a cold
 * read of memory, a fault a thousand times that: so every fault pays for a few hits to be told, the
 * next ones of any thread, and when those are used up one hit in so many is told by chance. A pool
 * that faults often tells of nearly every hit, one that holds everything of hardly any (decision
 * 8). Thread-safe; races lose or repeat a hit, which is harmless.
 *
 * <p>Chance is drawn from the stripe of the thread's id; two threads that share one disturb each
 * other's sequence and nothing else. Every stripe starts alike, so a single-threaded run samples
 * the same hits each time. Counting would not do: in a descent of four levels every sixteenth hit
 * is always the same level.
 */
final class HitSampler {
  /** Hits told for each fault: at most a twentieth of what the fault costs. */
  private static final int TOLD_PER_FAULT = 12;

  /** Rate when there are no faults. */
  private static final int QUIET_RATE = 64;

  /** Hits owed to faults long ago are of no use. */
  private static final int MAX_OWED = 4096;

  private static final int STRIPES = 64;

  /** Longs from stripe to stripe: two cache lines, because processors fetch them in pairs. */
  private static final int SPACING = 16;

  /** Lies alone on its cache lines: written with the faults, only read when there are none. */
  private static final int OWED = STRIPES * SPACING;

  private final long[] states = new long[(STRIPES + 1) * SPACING];
  private final int mask;
  private final int toldPerFault;

  private HitSampler(int rate, int toldPerFault) {
    if (Integer.bitCount(rate) != 1 || rate > 1 << 24) {
      throw new IllegalArgumentException("a sampling rate is a power of two: " + rate);
    }
    this.mask = rate - 1;
    this.toldPerFault = toldPerFault;
  }

  /** As many hits as the faults pay for. */
  static HitSampler paidByFaults() {
    return new HitSampler(QUIET_RATE, TOLD_PER_FAULT);
  }

  /**
   * One hit in so many, whatever happens.
   *
   * @param rate a power of two; 1 for every hit
   */
  static HitSampler oneIn(int rate) {
    return new HitSampler(rate, 0);
  }

  /** A page was read. */
  void fault() {
    long owed = states[OWED];
    if (owed < MAX_OWED) {
      states[OWED] = owed + toldPerFault;
    }
  }

  /** Whether this hit is told. */
  boolean next() {
    long owed = states[OWED];
    if (owed > 0) {
      states[OWED] = owed - 1;
      return true;
    }
    int stripe = ((int) Thread.currentThread().threadId() & (STRIPES - 1)) * SPACING;
    // Knuth's MMIX generator; its top bits are good.
    long state = states[stripe] * 6364136223846793005L + 1442695040888963407L;
    states[stripe] = state;
    return ((int) (state >>> 40) & mask) == 0;
  }
}
