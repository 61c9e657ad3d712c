package dev.redoubt.wal;

import dev.redoubt.io.StorageIoException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/**
 * A window of bytes over the log, which moves to where a record is wanted. It keeps durable bytes
 * only, which do not change while their log is held; a record that does not lie in them whole is
 * read by itself.
 */
final class FileLogWindow implements LogWindow {
  /** Of the bytes in the window, those behind the record that it was moved for. */
  private static final int AHEAD_BYTES = 2 * LogLayout.BLOCK_BYTES;

  /** Transferred for a record that is far from the one before: more would hardly be used. */
  private static final int FAR_BYTES = AHEAD_BYTES + LogLayout.BLOCK_BYTES;

  private final RecordReader records;
  private final LogGeometry geometry;
  private final LongSupplier durableEnd;
  private final LongFunction<byte[]> single;
  private final byte[] bytes;
  private long startLsn;
  private long lastLsn;
  private int length;

  /**
   * @param windowBytes four blocks at least
   * @param durableEnd of the log, at the moment when it is asked
   * @param single reads one record, and checks that it is one of the log's
   */
  FileLogWindow(
      RecordReader records,
      LogGeometry geometry,
      int windowBytes,
      LongSupplier durableEnd,
      LongFunction<byte[]> single) {
    this.records = records;
    this.geometry = geometry;
    this.durableEnd = durableEnd;
    this.single = single;
    this.bytes = new byte[windowBytes];
  }

  @Override
  public MemorySegment read(long lsn) {
    if (lsn < startLsn || lsn >= startLsn + length) {
      moveTo(lsn);
    }
    lastLsn = lsn;
    int at = (int) Math.max(-1, Math.min(length, lsn - startLsn));
    int recordBytes = at < 0 ? 0 : records.validRecordBytes(bytes, at, length, lsn);
    return recordBytes == 0
        ? MemorySegment.ofArray(single.apply(lsn))
        : MemorySegment.ofArray(bytes).asSlice(at + BatchLayout.FRAME_HEADER_BYTES, recordBytes);
  }

  /** The window then ends a little behind {@code lsn}, or is empty. */
  private void moveTo(long lsn) {
    length = 0;
    long end = durableEnd.getAsLong(); // before the bytes are read
    if (lsn <= 0 || lsn >= end) {
      return;
    }
    int most = Math.abs(lsn - lastLsn) <= bytes.length ? bytes.length : FAR_BYTES;
    long segment = geometry.segmentOf(lsn);
    long segmentLsn = geometry.segmentStart(segment);
    long endLsn = Math.min(Math.min(lsn + AHEAD_BYTES, end), lsn + geometry.restOfSegment(lsn));
    startLsn = Math.max(segmentLsn, endLsn - most);
    int wanted = (int) (endLsn - startLsn);
    try {
      length =
          records.readBytes(
              segment, ByteBuffer.wrap(bytes, 0, wanted), geometry.offsetOf(startLsn));
    } catch (StorageIoException elsewhere) {
      // Bytes that nobody has asked for may be unreadable: the record is read by itself.
    }
  }
}
