package dev.redoubt.wal;

/**
 * The header block of a segment file. The law is {@code docs/format-log.md}, section 2.
 *
 * <pre>
 *  0                8        12       16               24               32
 *  +----------------+--------+--------+----------------+----------------+
 *  | magic          | crc    | version| store id (high)| store id (low) |
 *  +----------------+--------+--------+----------------+----------------+
 *  | segment index  | first LSN       | segment bytes  | watermark      |
 *  +----------------+-----------------+----------------+----------------+ 64
 *  | predecessor end| predecessor seq.| pred.crc| epoch| zeros to 4096  |
 *  +----------------+-----------------+---------+------+----------------+
 * </pre>
 */
final class SegmentLayout {
  /** "RDT-SEGM" read as a little-endian long. */
  static final long MAGIC_VALUE = 0x4D474553_2D544452L;

  static final int MAGIC = 0;
  static final int CRC = MAGIC + Long.BYTES;
  static final int VERSION = CRC + Integer.BYTES;
  static final int STORE_HIGH = VERSION + Integer.BYTES;
  static final int STORE_LOW = STORE_HIGH + Long.BYTES;
  static final int INDEX = STORE_LOW + Long.BYTES;
  static final int FIRST_LSN = INDEX + Long.BYTES;
  static final int SEGMENT_BYTES = FIRST_LSN + Long.BYTES;
  static final int WATERMARK = SEGMENT_BYTES + Long.BYTES;
  static final int PREDECESSOR_END = WATERMARK + Long.BYTES;
  static final int PREDECESSOR_SEQUENCE = PREDECESSOR_END + Long.BYTES;
  static final int PREDECESSOR_CRC = PREDECESSOR_SEQUENCE + Long.BYTES;
  static final int EPOCH = PREDECESSOR_CRC + Integer.BYTES;
  static final int END = EPOCH + Integer.BYTES;

  /** The checksum covers everything behind itself, in every version to come. */
  static final int CRC_FROM = VERSION;

  private SegmentLayout() {}
}
