package dev.redoubt.wal;

/**
 * What the next batch has to follow: the end of the chain of batches.
 *
 * @param endLsn just past the last batch, padding included; where the first batch will stand when
 *     there is none
 * @param nextLsn where the next batch stands: {@code endLsn}, or the first batch of the next
 *     segment
 * @param sequence of the last batch; 0 when there is none
 * @param crc of the last batch
 * @param epoch of the last batch
 */
record Tail(long endLsn, long nextLsn, long sequence, int crc, int epoch) {
  /** Before the first batch ever. */
  static Tail ofEmptyLog(LogGeometry geometry) {
    long first = geometry.firstBatch(0);
    return new Tail(first, first, 0, 0, 0);
  }
}
