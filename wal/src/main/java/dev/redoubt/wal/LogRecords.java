package dev.redoubt.wal;

/** The records of a log, to be read forward: of an open one, or of one that is being opened. */
public sealed interface LogRecords permits Log, LogOpening {

  /** LSN of the record where restart begins, as the master record says; 0 if it names none. */
  long checkpointLsn();

  /** The log can be read from here on. */
  long startLsn();

  /** Where the log ends. Everything appended is below. */
  long endLsn();

  /** No record is at or above this; known without reading the log. */
  long reachLsn();

  /**
   * A cursor over the durable records from the first one at or above {@code fromLsn}, to the
   * durable end as it is now. Close it.
   *
   * @param fromLsn 0 for the start of the log, or an LSN from {@link #startLsn} on
   * @throws IllegalArgumentException if the log no longer reaches back so far
   */
  LogCursor cursor(long fromLsn);

  /**
   * The same for one that will read much of it: a thread of the log's own transfers the bytes some
   * MiB before they are wanted, until the cursor is closed. A log without background threads reads
   * as {@link #cursor} does.
   */
  LogCursor cursorAhead(long fromLsn);
}
