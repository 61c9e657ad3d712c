package dev.redoubt.wal;

/**
 * The master file: an identity block, written once, and two slots, written in turn, each in a block
 * of its own. The law is {@code docs/format-log.md}, section 4.
 *
 * <pre>
 *  block 0   magic u64 | crc u32 | version u32 | store id (high, low) u64 u64 | segment bytes u32
 *            | attribute bytes u32 | attributes | zeros
 *  block 1   magic u64 | crc u32 | version u32 | store tag u64 | sequence u64 | checkpoint LSN u64
 *  and 2     | bound LSN u64 | watermark u64 | ring bytes u64 | longest batch u32 | epoch u32
 *            | flags u32 | zeros
 * </pre>
 */
final class MasterLayout {
  /** "RDT-MSTR" read as a little-endian long. */
  static final long MAGIC_VALUE = 0x5254534D_2D544452L;

  /** "RDT-SLOT" read as a little-endian long. */
  static final long SLOT_MAGIC_VALUE = 0x544F4C53_2D544452L;

  static final int MAGIC = 0;
  static final int CRC = MAGIC + Long.BYTES;
  static final int VERSION = CRC + Integer.BYTES;

  static final int STORE_HIGH = VERSION + Integer.BYTES;
  static final int STORE_LOW = STORE_HIGH + Long.BYTES;
  static final int SEGMENT_BYTES = STORE_LOW + Long.BYTES;
  static final int ATTRIBUTE_BYTES = SEGMENT_BYTES + Integer.BYTES;
  static final int ATTRIBUTES = ATTRIBUTE_BYTES + Integer.BYTES;

  /** Leaves room in the block for identity fields of versions to come. */
  static final int MAX_ATTRIBUTE_BYTES = 3 << 10;

  static final int SLOT_STORE_TAG = VERSION + Integer.BYTES;
  static final int SLOT_SEQUENCE = SLOT_STORE_TAG + Long.BYTES;
  static final int SLOT_CHECKPOINT = SLOT_SEQUENCE + Long.BYTES;
  static final int SLOT_BOUND = SLOT_CHECKPOINT + Long.BYTES;
  static final int SLOT_WATERMARK = SLOT_BOUND + Long.BYTES;
  static final int SLOT_RING_BYTES = SLOT_WATERMARK + Long.BYTES;
  static final int SLOT_BATCH_BYTES = SLOT_RING_BYTES + Long.BYTES;
  static final int SLOT_EPOCH = SLOT_BATCH_BYTES + Integer.BYTES;
  static final int SLOT_FLAGS = SLOT_EPOCH + Integer.BYTES;
  static final int SLOT_END = SLOT_FLAGS + Integer.BYTES;

  static final int SLOT_FLAG_CLEAN = 1;

  /** The checksum covers everything behind itself, in every version to come. */
  static final int CRC_FROM = VERSION;

  static final int SLOTS = 2;
  static final int FILE_BLOCKS = 1 + SLOTS;

  private MasterLayout() {}
}
