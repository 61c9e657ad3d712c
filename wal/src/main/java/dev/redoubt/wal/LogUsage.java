package dev.redoubt.wal;

/**
 * What the bytes of a log are spent on, from its start to its end.
 *
 * @param batches written; sealing batches included
 * @param seals batches without records
 * @param records in them
 * @param recordBytes of the records themselves
 * @param headerBytes of segments, batches and frames
 * @param paddingBytes that round batches up to blocks
 * @param unusedBytes at ends of segments, where the next record had no room
 */
public record LogUsage(
    long batches,
    long seals,
    long records,
    long recordBytes,
    long headerBytes,
    long paddingBytes,
    long unusedBytes) {
  /** All of it. */
  public long totalBytes() {
    return recordBytes + headerBytes + paddingBytes + unusedBytes;
  }

  /**
   * Reads the batches of a log from its start to its durable end. Of a log that another process
   * writes, to the end as it was when it was opened.
   *
   * @throws LogPositionLostException if it is recycled meanwhile
   * @throws dev.redoubt.io.CorruptionException if it is damaged
   */
  public static LogUsage of(Log log) {
    LogReading reading = ((SegmentedLog) log).reading();
    LogGeometry geometry = reading.geometry();
    try (FileLogCursor cursor = reading.usageCursor(log.durableEndLsn())) {
      long at = log.startLsn();
      long batches = 0;
      long seals = 0;
      long records = 0;
      long headers = 0;
      long payload = 0;
      long padding = 0;
      long unused = 0;
      while (cursor.nextWholeBatch()) {
        BatchReader batch = cursor.batch();
        long index = geometry.segmentOf(batch.lsn());
        if (batch.lsn() == geometry.firstBatch(index)) {
          headers += LogLayout.BLOCK_BYTES;
          unused += geometry.segmentStart(index) - at;
        }
        batches++;
        seals += batch.records() == 0 ? 1 : 0;
        records += batch.records();
        long frames = (long) batch.records() * BatchLayout.FRAME_HEADER_BYTES;
        headers += BatchLayout.HEADER_BYTES + frames;
        payload += batch.payloadBytes() - frames;
        padding += batch.paddedBytes() - BatchLayout.HEADER_BYTES - batch.payloadBytes();
        at = batch.endLsn();
      }
      return new LogUsage(batches, seals, records, payload, headers, padding, unused);
    }
  }
}
