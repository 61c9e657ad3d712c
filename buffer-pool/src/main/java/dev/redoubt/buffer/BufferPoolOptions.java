package dev.redoubt.buffer;

/**
 * Settings of a pool. Immutable.
 *
 * @param frames pages held in memory, at least 16
 * @param background whether a page cleaner thread runs; without it pages are cleaned by those who
 *     need a frame, and by explicit calls
 * @param replacement who chooses the pages that make room
 */
public record BufferPoolOptions(int frames, boolean background, Replacement replacement) {
  /** Who chooses the pages that make room. */
  public enum Replacement {
    /** Caffeine's W-TinyLFU: the best hit rates, but its choices are not repeatable. */
    CAFFEINE,
    /** CLOCK: the same choices in every run of a single-threaded test. */
    CLOCK
  }

  /** Fewer would not hold the pages that one change of a tree latches at a time. */
  public static final int MIN_FRAMES = 16;

  public BufferPoolOptions {
    if (frames < MIN_FRAMES) {
      throw new IllegalArgumentException("at least " + MIN_FRAMES + " frames: " + frames);
    }
  }

  /** Caffeine with a background thread; CLOCK without, because such a pool is to be repeatable. */
  public BufferPoolOptions(int frames, boolean background) {
    this(frames, background, background ? Replacement.CAFFEINE : Replacement.CLOCK);
  }
}
