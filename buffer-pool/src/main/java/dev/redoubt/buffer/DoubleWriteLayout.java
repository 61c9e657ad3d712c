package dev.redoubt.buffer;

import dev.redoubt.io.Disk;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The header block of the double-write file; {@code docs/format-page.md} is the law.
 *
 * <pre>
 *   0  magic        8 bytes  "RDBTDBLW"
 *   8  version      u32      1
 *  12  checksum     u32      CRC-32C over the header block, this field taken as 0
 *  16  storeId      2 x u64
 *  32  batchNumber  u64      from 1, one more for each batch
 *  40  pageSize     u32
 *  44  count        u32      pages in the batch
 *  48  entries      count x {pageId u64, checksum of the image u32, reserved u32}
 * 4096 images       count x pageSize
 * </pre>
 */
final class DoubleWriteLayout {
  /** "RDBTDBLW" as the bytes stand in the file. */
  static final long MAGIC = 0x574C_4244_5442_4452L;

  static final int FORMAT_VERSION = 1;

  static final int AT_MAGIC = 0;
  static final int AT_VERSION = AT_MAGIC + 8;
  static final int AT_CHECKSUM = AT_VERSION + 4;
  static final int AT_STORE_ID = AT_CHECKSUM + 4;
  static final int AT_BATCH_NUMBER = AT_STORE_ID + 16;
  static final int AT_PAGE_SIZE = AT_BATCH_NUMBER + 8;
  static final int AT_COUNT = AT_PAGE_SIZE + 4;
  static final int AT_ENTRIES = AT_COUNT + 4;

  static final int ENTRY_BYTES = 16;
  static final int IN_ENTRY_PAGE_ID = 0;
  static final int IN_ENTRY_CHECKSUM = 8;

  static final int HEADER_BYTES = Disk.BLOCK_BYTES;

  /** About one MiB a batch: beyond that a longer transfer is no faster per page. */
  private static final int TARGET_BATCH_BYTES = 1 << 20;

  private DoubleWriteLayout() {}

  /** Pages in the longest batch. */
  static int maxPages(int pageSize) {
    return Math.clamp(TARGET_BATCH_BYTES / pageSize, 16, 128);
  }

  static long fileBytes(int pageSize) {
    return HEADER_BYTES + (long) maxPages(pageSize) * pageSize;
  }

  static long imageOffset(int index, int pageSize) {
    return HEADER_BYTES + (long) index * pageSize;
  }

  static void writeHeader(
      MemorySegment block, UUID storeId, long batchNumber, int pageSize, int count) {
    block.asSlice(0, HEADER_BYTES).fill((byte) 0);
    block.set(PageLayout.LONG, AT_MAGIC, MAGIC);
    block.set(PageLayout.INT, AT_VERSION, FORMAT_VERSION);
    block.set(PageLayout.LONG, AT_STORE_ID, storeId.getMostSignificantBits());
    block.set(PageLayout.LONG, AT_STORE_ID + 8, storeId.getLeastSignificantBits());
    block.set(PageLayout.LONG, AT_BATCH_NUMBER, batchNumber);
    block.set(PageLayout.INT, AT_PAGE_SIZE, pageSize);
    block.set(PageLayout.INT, AT_COUNT, count);
  }

  static void writeEntry(MemorySegment block, int index, long pageId, int imageChecksum) {
    long at = AT_ENTRIES + (long) index * ENTRY_BYTES;
    block.set(PageLayout.LONG, at + IN_ENTRY_PAGE_ID, pageId);
    block.set(PageLayout.INT, at + IN_ENTRY_CHECKSUM, imageChecksum);
  }

  static void seal(MemorySegment block) {
    block.set(PageLayout.INT, AT_CHECKSUM, headerChecksum(block));
  }

  static long entryPageId(MemorySegment block, int index) {
    return block.get(PageLayout.LONG, AT_ENTRIES + (long) index * ENTRY_BYTES + IN_ENTRY_PAGE_ID);
  }

  static int entryChecksum(MemorySegment block, int index) {
    return block.get(PageLayout.INT, AT_ENTRIES + (long) index * ENTRY_BYTES + IN_ENTRY_CHECKSUM);
  }

  /** Whether the block is the header of a batch of this store, whole. */
  static boolean isValid(MemorySegment block, UUID storeId, int pageSize) {
    int count = block.get(PageLayout.INT, AT_COUNT);
    return block.get(PageLayout.LONG, AT_MAGIC) == MAGIC
        && block.get(PageLayout.INT, AT_CHECKSUM) == headerChecksum(block)
        && block.get(PageLayout.INT, AT_VERSION) == FORMAT_VERSION
        && block.get(PageLayout.LONG, AT_STORE_ID) == storeId.getMostSignificantBits()
        && block.get(PageLayout.LONG, AT_STORE_ID + 8) == storeId.getLeastSignificantBits()
        && block.get(PageLayout.INT, AT_PAGE_SIZE) == pageSize
        && count >= 1
        && count <= maxPages(pageSize);
  }

  static int imageChecksum(MemorySegment image) {
    CRC32C crc = new CRC32C();
    crc.update(image.asByteBuffer());
    return (int) crc.getValue();
  }

  private static int headerChecksum(MemorySegment block) {
    MemorySegment copy = MemorySegment.ofArray(new byte[HEADER_BYTES]);
    MemorySegment.copy(block, 0, copy, 0, HEADER_BYTES);
    copy.set(ValueLayout.JAVA_INT_UNALIGNED, AT_CHECKSUM, 0);
    return imageChecksum(copy);
  }
}
