package dev.redoubt.wal;

import java.nio.ByteBuffer;

/** Takes the records of {@link Log#replay}, one after another. */
@FunctionalInterface
public interface RecordConsumer {
  /**
   * Takes one record.
   *
   * @param lsn the record's LSN
   * @param payload its bytes, from position 0 to the limit, read-only and big-endian; a view that
   *     holds until this returns
   */
  void accept(long lsn, ByteBuffer payload);
}
