package dev.redoubt.wal;

/**
 * A batch: what is written and checked as one. The law is {@code docs/format-log.md}, section 3.
 *
 * <pre>
 *  0        4        8        12       16               24               32
 *  +--------+--------+--------+--------+----------------+----------------+
 *  | magic  | crc    | payload| padded | lsn            | sequence       |
 *  +--------+--------+--------+--------+----------------+----------------+
 *  | watermark       | epoch  | predcrc| records| flags | store tag      |
 *  +-----------------+--------+--------+--------+-------+----------------+ 64
 *  | frames: { crc u32, length u32, bytes } ...                          |
 *  +----------------------------------------------------------------------+
 *  | zeros up to a whole block                                            |
 *  +----------------------------------------------------------------------+
 * </pre>
 */
final class BatchLayout {
  /** "RBAT" read as a little-endian int. */
  static final int MAGIC_VALUE = 0x54414252;

  /** The next batch is the first of the next segment, whose name was durable when this was cut. */
  static final int FLAG_LAST_IN_SEGMENT = 1;

  static final int KNOWN_FLAGS = FLAG_LAST_IN_SEGMENT;

  static final int MAGIC = 0;
  static final int CRC = MAGIC + Integer.BYTES;
  static final int PAYLOAD_BYTES = CRC + Integer.BYTES;
  static final int PADDED_BYTES = PAYLOAD_BYTES + Integer.BYTES;
  static final int LSN = PADDED_BYTES + Integer.BYTES;
  static final int SEQUENCE = LSN + Long.BYTES;
  static final int WATERMARK = SEQUENCE + Long.BYTES;
  static final int EPOCH = WATERMARK + Long.BYTES;
  static final int PREDECESSOR_CRC = EPOCH + Integer.BYTES;
  static final int RECORDS = PREDECESSOR_CRC + Integer.BYTES;
  static final int FLAGS = RECORDS + Integer.BYTES;
  static final int STORE_TAG = FLAGS + Integer.BYTES;
  static final int HEADER_BYTES = STORE_TAG + Long.BYTES;

  /** The checksum covers everything behind itself; the magic is compared. */
  static final int CRC_FROM = PAYLOAD_BYTES;

  static final int FRAME_CRC = 0;
  static final int FRAME_LENGTH = FRAME_CRC + Integer.BYTES;
  static final int FRAME_HEADER_BYTES = FRAME_LENGTH + Integer.BYTES;

  private BatchLayout() {}
}
