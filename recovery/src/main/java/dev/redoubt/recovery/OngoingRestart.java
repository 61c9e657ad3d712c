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

  /**
   * Undoes a part of a loser now, in the calling thread, because it waits for what the loser owns;
   * does nothing if it is no loser, or not any more. To be called again until what is waited for
   * has been undone: {@link Transaction#undoNextLsn} tells. The caller holds no latch.
   *
   * @return false if a damaged page keeps this loser from being undone, for as long as the engine
   *     is open
   * @throws dev.redoubt.io.DiskFullException if there is no space for undo; nothing is lost
   */
  boolean help(long transactionId);

  /** The layer above has found out how many updates of a loser are to be undone. */
  void counted(long transactionId, long updates);

  /** Runs {@code action} once when restart is over, in the thread that ends it; now if it is. */
  void whenOver(Runnable action);

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

        @Override
        public boolean help(long transactionId) {
          return false;
        }

        @Override
        public void counted(long transactionId, long updates) {}

        @Override
        public void whenOver(Runnable action) {
          action.run();
        }
      };
}
