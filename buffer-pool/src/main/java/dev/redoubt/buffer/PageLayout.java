package dev.redoubt.buffer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The header that every page starts with; {@code docs/format-page.md} is the law.
 *
 * <pre>
 *   0  checksum  u32  CRC-32C over the rest of the page, seeded with store id and page id
 *   4  type      u8   never 0
 *   5  version   u8   of the page format, 1
 *   6  reserved  u16  0
 *   8  pageId    u64
 *  16  pageLSN   u64  last record applied
 *  24  owner     u32  tree or region that the page belongs to
 *  28  reserved  u32  0
 *  32  body
 * </pre>
 *
 * <p>All numbers are little-endian. The accessors read and write the segment as it is and check
 * nothing but its bounds; under an optimistic read their results count only after validation.
 */
public final class PageLayout {
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final int CHECKSUM = 0;
  static final int TYPE = CHECKSUM + 4;
  static final int VERSION = TYPE + 1;
  static final int RESERVED_1 = VERSION + 1;
  static final int PAGE_ID = RESERVED_1 + 2;
  static final int PAGE_LSN = PAGE_ID + 8;
  static final int OWNER = PAGE_LSN + 8;
  static final int RESERVED_2 = OWNER + 4;

  /** Where the body of a page starts. */
  public static final int HEADER_BYTES = RESERVED_2 + 4;

  /** What {@link #format} writes as the version of the page format. */
  public static final int FORMAT_VERSION = 1;

  /** Smallest page: one block of the disk. */
  public static final int MIN_PAGE_BYTES = 4096;

  /** Largest page: slot offsets within it must fit sixteen bits. */
  public static final int MAX_PAGE_BYTES = 65536;

  /** Type of a page that an operator has given up; its body is empty and nobody may use it. */
  public static final int GIVEN_UP = 255;

  private PageLayout() {}

  /** Type of the page, 0 to 255; 0 only where nothing was ever formatted. */
  public static int type(MemorySegment page) {
    return page.get(ValueLayout.JAVA_BYTE, TYPE) & 0xff;
  }

  /** Version of the page format, 0 to 255. */
  public static int version(MemorySegment page) {
    return page.get(ValueLayout.JAVA_BYTE, VERSION) & 0xff;
  }

  /** Id that the page itself carries; not that of its place in the file if it was misdirected. */
  public static long pageId(MemorySegment page) {
    return page.get(LONG, PAGE_ID);
  }

  /** LSN of the last record applied to the page; 0 if none was. */
  public static long pageLsn(MemorySegment page) {
    return page.get(LONG, PAGE_LSN);
  }

  static void setPageLsn(MemorySegment page, long lsn) {
    page.set(LONG, PAGE_LSN, lsn);
  }

  /** Tree or region that the page belongs to. */
  public static int owner(MemorySegment page) {
    return page.get(INT, OWNER);
  }

  /** The stored checksum; current only on disk, never on a page that has changed in memory. */
  public static int checksum(MemorySegment page) {
    return page.get(INT, CHECKSUM);
  }

  static int reservedBits(MemorySegment page) {
    return (page.get(SHORT, RESERVED_1) & 0xffff) | page.get(INT, RESERVED_2);
  }

  /**
   * Zeroes the page and writes a fresh header; pageLSN is 0 until the format record is applied.
   *
   * @param page the whole page, under an exclusive guard
   * @param type 1 to 255
   * @throws IllegalArgumentException if the type is out of range; the page is as it was
   */
  public static void format(MemorySegment page, long pageId, int type, int owner) {
    if (type < 1 || type > 255) {
      throw new IllegalArgumentException("a page type is 1 to 255: " + type);
    }
    page.fill((byte) 0);
    page.set(ValueLayout.JAVA_BYTE, TYPE, (byte) type);
    page.set(ValueLayout.JAVA_BYTE, VERSION, (byte) FORMAT_VERSION);
    page.set(LONG, PAGE_ID, pageId);
    page.set(INT, OWNER, owner);
  }

  /** Returns {@code pageSize} if it can be one: a power of two from 4096 to 65536. */
  static int checkPageSize(int pageSize) {
    if (pageSize < MIN_PAGE_BYTES || pageSize > MAX_PAGE_BYTES || Integer.bitCount(pageSize) != 1) {
      throw new IllegalArgumentException(
          "a page size is a power of two from 4096 to 65536: " + pageSize);
    }
    return pageSize;
  }
}
