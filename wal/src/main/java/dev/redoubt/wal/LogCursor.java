package dev.redoubt.wal;

import java.lang.foreign.MemorySegment;

/** Reads records forward, verifying every batch. Confined to one thread at a time. */
public interface LogCursor extends AutoCloseable {
  /**
   * Moves to the next record.
   *
   * @return false at the durable end of the log as it was when the cursor was opened (or, after a
   *     restart, the end that was decided)
   * @throws dev.redoubt.io.CorruptionException if the bytes below that end are damaged
   */
  boolean next();

  /** LSN of the current record. */
  long lsn();

  /** LSN just past the frame of the current record (its successor may stand further on). */
  long endLsn();

  /** Bytes of the current record; a read-only view that the next {@link #next} overwrites. */
  MemorySegment payload();

  @Override
  void close();
}
