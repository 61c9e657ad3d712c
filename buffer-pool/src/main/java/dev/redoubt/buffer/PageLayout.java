package dev.redoubt.buffer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The header that every page starts with; {@code docs/format-page.md} is the law.
 *
 * <pre>
 *   0  checksum  u32  CRC-32C over the rest of the page, seeded with page id and store id
 *   4  type      u8   never 0
 *   5  version   u8   of the page format, 1
 *   6  reserved  u16  0
 *   8  pageId    u64
 *  16  pageLSN   u64  last record applied
 *  24  owner     u32  tree or region that the page belongs to
 *  28  reserved  u32  0
 *  32  body
 * </pre>
 */
public final class PageLayout {
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final int CHECKSUM = 0;
  static final int TYPE = CHECKSUM + 4;
  static final int VERSION = TYPE + 1;
  static final int PAGE_ID = 8;
  static final int PAGE_LSN = PAGE_ID + 8;
  static final int OWNER = PAGE_LSN + 8;

  /** Where the body of a page starts. */
  public static final int HEADER_BYTES = 32;

  public static final int FORMAT_VERSION = 1;

  private PageLayout() {}

  public static int type(MemorySegment page) {
    return page.get(ValueLayout.JAVA_BYTE, TYPE) & 0xff;
  }

  public static long pageId(MemorySegment page) {
    return page.get(LONG, PAGE_ID);
  }

  public static long pageLsn(MemorySegment page) {
    return page.get(LONG, PAGE_LSN);
  }

  static void setPageLsn(MemorySegment page, long lsn) {
    page.set(LONG, PAGE_LSN, lsn);
  }

  public static int owner(MemorySegment page) {
    return page.get(INT, OWNER);
  }

  /** Zeroes the page and writes a fresh header; pageLSN is 0 until the format record is applied. */
  public static void format(MemorySegment page, long pageId, int type, int owner) {
    page.fill((byte) 0);
    page.set(ValueLayout.JAVA_BYTE, TYPE, (byte) type);
    page.set(ValueLayout.JAVA_BYTE, VERSION, (byte) FORMAT_VERSION);
    page.set(LONG, PAGE_ID, pageId);
    page.set(INT, OWNER, owner);
  }
}
