package dev.redoubt.buffer;

import org.jspecify.annotations.Nullable;

/**
 * Says which page should make room. Only advice: whether a frame can be reclaimed is decided under
 * its latch. Thread-safe; never takes a latch; may be told of things out of order.
 */
interface ReplacementPolicy {
  /** A page has come into the frame; the caller holds it exclusively. */
  void loaded(Frame frame);

  /**
   * Whether every hit is told, and not a sample: for policies to whom a hit costs next to nothing.
   */
  default boolean wantsEveryHit() {
    return false;
  }

  /** A hit. */
  void touched(Frame frame);

  /** The page leaves the frame; the caller holds it exclusively. */
  void removed(Frame frame);

  /** The next frame to reclaim; null if the policy has none to offer now. */
  @Nullable Frame nextVictim();

  /**
   * Gives up to {@code count} more frames up that it would rather keep, coldest first, because more
   * frames are in use than it reckons with: {@link #nextVictim} names them.
   *
   * @return whether there were any; a policy that always has a victim to name needs none
   */
  default boolean giveUp(int count) {
    return false;
  }

  /** Whether a frame that was a victim is none now: it was touched since, or has another page. */
  boolean spares(Frame frame);

  /** The victim could not be reclaimed now (dirty or latched); it stays one. */
  void refused(Frame frame);
}
