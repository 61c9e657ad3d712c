package dev.redoubt.wal;

import java.lang.foreign.MemorySegment;

/**
 * Reads single records that lie near each other, one large transfer for many: the bytes around the
 * last one are kept, those before it above all, so that whoever asks from the end of the log to its
 * start has each of them transferred once. Confined to one thread; holds no part of the log, and
 * nothing that must be closed.
 */
public interface LogWindow {
  /**
   * The record at {@code lsn}, durable or not.
   *
   * @return its bytes, valid until the next call
   * @throws dev.redoubt.io.CorruptionException if no record begins there, or it is damaged
   * @throws IllegalArgumentException if the LSN is outside the log
   */
  MemorySegment read(long lsn);
}
