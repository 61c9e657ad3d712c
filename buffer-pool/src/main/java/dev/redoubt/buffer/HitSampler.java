package dev.redoubt.buffer;

/**
 * Picks about one hit in sixteen to tell the replacement policy of. Each thread draws from the
 * stripe of its id; two that share one disturb each other's sequence and nothing else. Every stripe
 * starts alike, so a single-threaded run samples the same hits each time. Counting to sixteen would
 * not do: in a descent of four levels it would always meet the same one.
 */
final class HitSampler {
  private static final int STRIPES = 64;

  /** Longs from stripe to stripe: two cache lines, because processors fetch them in pairs. */
  private static final int SPACING = 16;

  private final long[] states = new long[STRIPES * SPACING];

  boolean next() {
    int stripe = ((int) Thread.currentThread().threadId() & (STRIPES - 1)) * SPACING;
    // Knuth's MMIX generator; its top bits are good.
    long state = states[stripe] * 6364136223846793005L + 1442695040888963407L;
    states[stripe] = state;
    return state >>> 60 == 0;
  }
}
