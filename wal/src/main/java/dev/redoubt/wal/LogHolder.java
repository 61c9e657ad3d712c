package dev.redoubt.wal;

/** Keeps the log from some LSN on from being recycled, until moved on or closed. Thread-safe. */
public interface LogHolder extends AutoCloseable {
  String name();

  long lsn();

  /** Moves the hold forward to {@code lsn}; never backward. */
  void advance(long lsn);

  @Override
  void close();
}
