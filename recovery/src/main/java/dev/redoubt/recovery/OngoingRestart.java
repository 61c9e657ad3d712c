package dev.redoubt.recovery;

/**
 * The restart of this opening, seen while it goes on behind an open engine ({@link
 * RestartMode#INSTANT}); over from the beginning after a full one. Thread-safe; figures are of now,
 * not all of one moment.
 */
public interface OngoingRestart {
  /** Whether nothing is left: every page is up to date, every loser undone or in quarantine. */
  boolean isOver();

  /** Pages that are still owed redo. */
  long pagesOwed();

  /** Log in bytes that background redo has still to go through. */
  long redoBytesLeft();

  /** Losers that are still to be undone, but for those that a bad page keeps from it. */
  int losersLeft();

  /** Updates of theirs that are still to be undone, as far as it is known; never too few. */
  long updatesLeft();

  /**
   * Returns when restart is over. Before {@link Engine#continueRestart} nothing goes on by itself.
   * In an engine without background threads the caller does what is left.
   *
   * @throws dev.redoubt.io.EngineHaltedException if the engine halted before
   * @throws IllegalStateException if it was closed before
   */
  void await();

  /**
   * Has a loser undone next, because somebody waits for what it owns. Returns at once; does nothing
   * if it is no loser, or not any more.
   */
  void first(long transactionId);

  /** A restart that is over. */
  OngoingRestart OVER =
      new OngoingRestart() {
        @Override
        public boolean isOver() {
          return true;
        }

        @Override
        public long pagesOwed() {
          return 0;
        }

        @Override
        public long redoBytesLeft() {
          return 0;
        }

        @Override
        public int losersLeft() {
          return 0;
        }

        @Override
        public long updatesLeft() {
          return 0;
        }

        @Override
        public void await() {}

        @Override
        public void first(long transactionId) {}
      };
}
