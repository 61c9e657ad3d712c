package dev.redoubt.wal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * One batch in memory: open for appends, then cut, then finished and written by the leader, then
 * free again. Guarded by the append latch while open; the leader's alone from the cut until it is
 * free, except that records in it may be read under the append latch: the leader changes headers,
 * checksums and padding, never lengths or payloads.
 */
final class BatchBuffer {
  /** Every so many records one offset is noted, so that finding a record walks few frames. */
  private static final int INDEX_STRIDE = 64;

  final int capacity;
  private final MemorySegment memory;
  private final ByteBuffer bytes;
  private final int[] index;

  private long lsn;
  private int usedBytes;
  private int records;
  private boolean lastInSegment;
  private int roomBytes;

  BatchBuffer(int capacity) {
    this.capacity = capacity;
    // Never closed: a reader may hold on to it. The collector frees it.
    this.memory = Arena.ofAuto().allocate(capacity, LogLayout.BLOCK_BYTES);
    this.bytes = memory.asByteBuffer();
    int mostRecords = capacity / (BatchLayout.FRAME_HEADER_BYTES + 1);
    this.index = new int[mostRecords / INDEX_STRIDE + 1];
  }

  /** Becomes the open batch at {@code lsn}, with at most {@code room} bytes, header included. */
  void open(long atLsn, int room) {
    lsn = atLsn;
    roomBytes = Math.min(room, capacity);
    usedBytes = BatchLayout.HEADER_BYTES;
    records = 0;
    lastInSegment = false;
  }

  boolean fits(int frameBytes) {
    return frameBytes <= roomBytes - usedBytes;
  }

  /**
   * Copies a record behind the others; its checksum is left to {@link #finish}. Returns its LSN.
   */
  long append(MemorySegment source, long offset, int lengthBytes) {
    int at = usedBytes;
    // The copy can fail (a closed arena): nothing counts until it is done.
    MemorySegment.copy(
        source, offset, memory, at + BatchLayout.FRAME_HEADER_BYTES, (long) lengthBytes);
    LogLayout.putInt(memory, at + BatchLayout.FRAME_LENGTH, lengthBytes);
    if (records % INDEX_STRIDE == 0) {
      index[records / INDEX_STRIDE] = at;
    }
    records++;
    usedBytes = at + BatchLayout.FRAME_HEADER_BYTES + lengthBytes;
    return lsn + at;
  }

  void cut(boolean last) {
    lastInSegment = last;
  }

  long lsn() {
    return lsn;
  }

  int records() {
    return records;
  }

  int paddedBytes() {
    return LogLayout.roundUpToBlock(usedBytes);
  }

  /** LSN just past the padding. */
  long endLsn() {
    return lsn + paddedBytes();
  }

  boolean isLastInSegment() {
    return lastInSegment;
  }

  /**
   * The leader's part: checksums of the records, header, padding, checksum of the whole.
   *
   * @return the batch's checksum, which its successor names
   */
  int finish(LogGeometry geometry, Tail before, long watermark, int epoch, Checksum checksum) {
    int at = BatchLayout.HEADER_BYTES;
    while (at < usedBytes) {
      int end =
          at
              + BatchLayout.FRAME_HEADER_BYTES
              + LogLayout.getInt(memory, at + BatchLayout.FRAME_LENGTH);
      int crc = checksum.of(bytes, at + BatchLayout.FRAME_LENGTH, end) ^ geometry.seed(lsn + at);
      LogLayout.putInt(memory, at + BatchLayout.FRAME_CRC, crc);
      at = end;
    }
    int padded = paddedBytes();
    memory.asSlice(usedBytes, padded - usedBytes).fill((byte) 0);
    LogLayout.putInt(memory, BatchLayout.MAGIC, BatchLayout.MAGIC_VALUE);
    LogLayout.putInt(memory, BatchLayout.PAYLOAD_BYTES, usedBytes - BatchLayout.HEADER_BYTES);
    LogLayout.putInt(memory, BatchLayout.PADDED_BYTES, padded);
    LogLayout.putLong(memory, BatchLayout.LSN, lsn);
    LogLayout.putLong(memory, BatchLayout.SEQUENCE, before.sequence() + 1);
    LogLayout.putLong(memory, BatchLayout.WATERMARK, watermark);
    LogLayout.putInt(memory, BatchLayout.EPOCH, epoch);
    LogLayout.putInt(memory, BatchLayout.PREDECESSOR_CRC, before.crc());
    LogLayout.putInt(memory, BatchLayout.RECORDS, records);
    LogLayout.putInt(
        memory, BatchLayout.FLAGS, lastInSegment ? BatchLayout.FLAG_LAST_IN_SEGMENT : 0);
    LogLayout.putLong(memory, BatchLayout.STORE_TAG, geometry.storeTag());
    int crc = checksum.of(bytes, BatchLayout.CRC_FROM, padded) ^ geometry.seed(lsn);
    LogLayout.putInt(memory, BatchLayout.CRC, crc);
    return crc;
  }

  /** The finished batch, ready to be written. */
  ByteBuffer image() {
    return bytes.clear().limit(paddedBytes());
  }

  boolean contains(long someLsn) {
    return someLsn >= lsn && someLsn < lsn + usedBytes;
  }

  /** A copy of the record at {@code recordLsn}; null if no record stands exactly there. */
  byte @org.jspecify.annotations.Nullable [] copyRecord(long recordLsn) {
    int wanted = (int) (recordLsn - lsn);
    int low = 0;
    int high = (records - 1) / INDEX_STRIDE;
    if (records == 0 || wanted < BatchLayout.HEADER_BYTES) {
      return null;
    }
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (index[middle] <= wanted) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    int at = index[low];
    while (at < wanted) {
      at +=
          BatchLayout.FRAME_HEADER_BYTES + LogLayout.getInt(memory, at + BatchLayout.FRAME_LENGTH);
    }
    if (at != wanted || at >= usedBytes) {
      return null;
    }
    byte[] copy = new byte[LogLayout.getInt(memory, at + BatchLayout.FRAME_LENGTH)];
    MemorySegment.copy(
        memory,
        java.lang.foreign.ValueLayout.JAVA_BYTE,
        at + BatchLayout.FRAME_HEADER_BYTES,
        copy,
        0,
        copy.length);
    return copy;
  }
}
