package dev.redoubt.wal;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a segment's header block.
 *
 * @param index of the segment
 * @param watermark everything below was known forced when the header was written
 * @param predecessorEnd LSN just past the last batch of the segment before
 * @param predecessorSequence its sequence; 0 when no batch came before
 * @param predecessorCrc its checksum
 * @param epoch of the opening that wrote the header
 * @param begun false while the segment has only been made ahead
 */
record SegmentHeader(
    long index,
    long watermark,
    long predecessorEnd,
    long predecessorSequence,
    int predecessorCrc,
    int epoch,
    boolean begun) {

  /** Predecessor end of a segment made ahead: no batch ends there. */
  private static final long NOT_BEGUN = -1;

  static SegmentHeader madeAhead(long index, long watermark, int epoch) {
    return new SegmentHeader(index, watermark, NOT_BEGUN, 0, 0, epoch, false);
  }

  static SegmentHeader begun(long index, long watermark, Tail before, int epoch) {
    return new SegmentHeader(
        index, watermark, before.endLsn(), before.sequence(), before.crc(), epoch, true);
  }

  /** Fills the block; its checksum is left to {@link Block#write}. */
  void encode(Block block, LogGeometry geometry) {
    var memory = block.memory.fill((byte) 0);
    LogLayout.putLong(memory, SegmentLayout.MAGIC, SegmentLayout.MAGIC_VALUE);
    LogLayout.putInt(memory, SegmentLayout.VERSION, LogLayout.FORMAT_VERSION);
    UUID id = geometry.storeId();
    LogLayout.putLong(memory, SegmentLayout.STORE_HIGH, id.getMostSignificantBits());
    LogLayout.putLong(memory, SegmentLayout.STORE_LOW, id.getLeastSignificantBits());
    LogLayout.putLong(memory, SegmentLayout.INDEX, index);
    LogLayout.putLong(memory, SegmentLayout.FIRST_LSN, geometry.firstBatch(index));
    LogLayout.putLong(memory, SegmentLayout.SEGMENT_BYTES, geometry.segmentBytes());
    LogLayout.putLong(memory, SegmentLayout.WATERMARK, watermark);
    LogLayout.putLong(memory, SegmentLayout.PREDECESSOR_END, predecessorEnd);
    LogLayout.putLong(memory, SegmentLayout.PREDECESSOR_SEQUENCE, predecessorSequence);
    LogLayout.putInt(memory, SegmentLayout.PREDECESSOR_CRC, predecessorCrc);
    LogLayout.putInt(memory, SegmentLayout.EPOCH, epoch);
  }

  /** What a header block turned out to be: exactly one of the two is there. */
  record Reading(@Nullable SegmentHeader header, @Nullable Damage damage) {
    /** The header, when {@link #damage} is null. */
    SegmentHeader valid() {
      SegmentHeader valid = header;
      if (valid == null) {
        throw new IllegalStateException("damaged: " + damage);
      }
      return valid;
    }
  }

  /** Checks a block that was read, magic, checksum, version, store and place in that order. */
  static Reading decode(Block block, int bytesRead, LogGeometry geometry, long index) {
    var memory = block.memory;
    if (bytesRead < LogLayout.BLOCK_BYTES) {
      return wrong(Fault.FILE_SHORT, geometry, index, LogLayout.BLOCK_BYTES, bytesRead);
    }
    if (block.magic() != SegmentLayout.MAGIC_VALUE) {
      return wrong(
          Fault.HEADER_MAGIC,
          geometry,
          index,
          Long.toHexString(SegmentLayout.MAGIC_VALUE),
          Long.toHexString(block.magic()));
    }
    int crc = block.computedCrc();
    if (crc != block.storedCrc()) {
      return wrong(
          Fault.HEADER_CHECKSUM,
          geometry,
          index,
          Integer.toHexString(crc),
          Integer.toHexString(block.storedCrc()));
    }
    int version = LogLayout.getInt(memory, SegmentLayout.VERSION);
    if (version != LogLayout.FORMAT_VERSION) {
      return wrong(Fault.HEADER_VERSION, geometry, index, LogLayout.FORMAT_VERSION, version);
    }
    UUID id =
        new UUID(
            LogLayout.getLong(memory, SegmentLayout.STORE_HIGH),
            LogLayout.getLong(memory, SegmentLayout.STORE_LOW));
    if (!id.equals(geometry.storeId())) {
      return wrong(Fault.HEADER_FOREIGN, geometry, index, geometry.storeId(), id);
    }
    long storedIndex = LogLayout.getLong(memory, SegmentLayout.INDEX);
    long first = LogLayout.getLong(memory, SegmentLayout.FIRST_LSN);
    long length = LogLayout.getLong(memory, SegmentLayout.SEGMENT_BYTES);
    if (storedIndex != index
        || first != geometry.firstBatch(index)
        || length != geometry.segmentBytes()
        || !block.isZeroFrom(SegmentLayout.END)) {
      return wrong(
          Fault.HEADER_MISPLACED,
          geometry,
          index,
          "segment " + index,
          "segment " + storedIndex + " at " + first + " of " + length + " bytes");
    }
    return new Reading(fields(block, index), null);
  }

  private static SegmentHeader fields(Block block, long index) {
    var memory = block.memory;
    long predecessorEnd = LogLayout.getLong(memory, SegmentLayout.PREDECESSOR_END);
    return new SegmentHeader(
        index,
        LogLayout.getLong(memory, SegmentLayout.WATERMARK),
        predecessorEnd,
        LogLayout.getLong(memory, SegmentLayout.PREDECESSOR_SEQUENCE),
        LogLayout.getInt(memory, SegmentLayout.PREDECESSOR_CRC),
        LogLayout.getInt(memory, SegmentLayout.EPOCH),
        predecessorEnd != NOT_BEGUN);
  }

  static Reading missing(LogGeometry geometry, long index) {
    return wrong(Fault.SEGMENT_MISSING, geometry, index, "a file", "none");
  }

  private static Reading wrong(
      Fault fault, LogGeometry geometry, long index, Object expected, Object found) {
    return new Reading(
        null,
        new Damage(
            fault,
            geometry.segmentStart(index),
            LogLayout.segmentName(index),
            0,
            expected.toString(),
            found.toString()));
  }
}
