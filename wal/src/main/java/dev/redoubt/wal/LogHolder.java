package dev.redoubt.wal;

/** Keeps the log from some LSN on from being recycled, until moved on or closed. Thread-safe. */
public interface LogHolder extends AutoCloseable {
  String name();

  long lsn();

  /** Moves the hold forward to {@code lsn}; never backward. */
  void advance(long lsn);

  /**
   * Agrees that whoever keeps the log within its cap may {@link #drop} this hold. Returns this.
   *
   * @param told runs once, before the log is let go, on the thread that drops the hold; must not
   *     block
   */
  LogHolder droppable(Runnable told);

  /**
   * Ends the hold without its holder's doing, if it agreed to that, and tells it.
   *
   * @return false if it did not agree, and goes on holding; true also if the hold has ended already
   */
  boolean drop();

  /**
   * Runs {@code action} once when the hold has moved on from {@code lsn} or ended; at once, on the
   * calling thread, if it has already. It must not block.
   */
  void onMoveFrom(long lsn, Runnable action);

  @Override
  void close();
}
