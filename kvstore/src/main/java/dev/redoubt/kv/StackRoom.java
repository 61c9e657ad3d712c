package dev.redoubt.kv;

/**
 * Whether the stack has room for what is about to be done. A transaction ends by taking locks,
 * permits and latches that must be given back: a StackOverflowError in the midst of that could
 * leave one taken for ever, and the store would stand still. So there is an attempt before anything
 * has been touched: if that overflows nothing has happened. It goes as deep as is cheap, which
 * makes such an end seldom, not impossible. Stateless.
 */
final class StackRoom {
  /** Deeper than locks and permits are given back; some 20 ns. */
  private static final int FRAMES = 24;

  private StackRoom() {}

  /**
   * Returns if there is room to begin the end of a transaction.
   *
   * @throws StackOverflowError if there is none; nothing has happened
   */
  static void require() {
    dive(FRAMES, 1, 2);
  }

  /** The numbers are needed behind the call, so they stay in the frame. */
  private static long dive(int left, long a, long b) {
    return left == 0 ? a : dive(left - 1, b, a) + a + b;
  }
}
