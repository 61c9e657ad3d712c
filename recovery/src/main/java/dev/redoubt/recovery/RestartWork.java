package dev.redoubt.recovery;

/** A part of restart that goes on behind an open engine, in bounded steps. */
interface RestartWork {
  /**
   * Does one bounded step. Called by one thread at a time, with no latch held.
   *
   * @return whether more is left
   */
  boolean step();

  /** Given up or done: nothing is held any more. After it no step is made. */
  default void close() {}

  /** Pages owed redo. */
  default long pagesOwed() {
    return 0;
  }

  /** Log in bytes to go through for them. */
  default long redoBytesLeft() {
    return 0;
  }

  /** Losers to undo. */
  default int losersLeft() {
    return 0;
  }

  /** Updates of theirs to undo. */
  default long updatesLeft() {
    return 0;
  }

  /** Somebody waits for what this loser owns. Safe from any thread; never waits. */
  default void first(long transactionId) {}

  /**
   * Undoes a part of a loser in the calling thread, which holds no latch.
   *
   * @return false if this loser cannot be undone
   */
  default boolean help(long transactionId) {
    return true;
  }

  /** So many updates of a loser are to be undone. */
  default void counted(long transactionId, long updates) {}
}
