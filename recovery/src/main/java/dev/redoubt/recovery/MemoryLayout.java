package dev.redoubt.recovery;

import dev.redoubt.buffer.PageLayout;

/**
 * Pages of a recoverable memory, behind the page header.
 *
 * <pre>
 * data page   body      the bytes, page size less 32
 * index page   0  next  u64  next index page, 0 for the last
 *              8  count u32  entries
 *             12  ids   u64 each: data pages in the order of their bytes
 * root entry   0  first index page u64
 *              8  length in bytes  u64
 * </pre>
 */
final class MemoryLayout {
  static final int NEXT = PageLayout.HEADER_BYTES;
  static final int COUNT = NEXT + 8;
  static final int IDS = COUNT + 4;

  private MemoryLayout() {}

  static int dataBytes(int pageSize) {
    return pageSize - PageLayout.HEADER_BYTES;
  }

  static int idsPerIndex(int pageSize) {
    return (pageSize - IDS) / 8;
  }
}
