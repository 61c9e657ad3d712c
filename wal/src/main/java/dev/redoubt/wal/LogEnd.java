package dev.redoubt.wal;

/** What a tail cursor must know of a log that moves. */
interface LogEnd extends AutoCloseable {
  /** Everything below is durable. Never moves back. */
  long durableEnd();

  /** The log can be read from here on. */
  long startLsn();

  /** Nothing more will be shown. */
  boolean isClosed();

  /** Throws if the durable end will never move again, though the log is open. */
  void checkAlive();

  /**
   * Returns when the durable end may have passed {@code seen}, the log is closed or halted, or the
   * time is up.
   *
   * @param nanos at most; {@code Long.MAX_VALUE} for ever
   */
  void await(long seen, long nanos) throws InterruptedException;

  /** The log's clock, for differences. */
  long nanoTime();

  @Override
  void close();
}
