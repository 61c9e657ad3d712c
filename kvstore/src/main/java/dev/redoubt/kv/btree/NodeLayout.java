package dev.redoubt.kv.btree;

import dev.redoubt.buffer.PageLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A tree page, leaf and inner alike; {@code docs/format-page.md} is the law.
 *
 * <pre>
 *  32  level        u8   0 is a leaf
 *  33  reserved     u8   0
 *  34  slotCount    u16
 *  36  prefixLength u16  bytes that the two fences share; left out of every cell
 *  38  lowerLength  u16  of the lower fence; 0 also stands for "no bound"
 *  40  upperLength  u16  of the upper fence; 0xFFFF for "no bound"
 *  42  lastInsert   u16  slot of the latest insert
 *  44  heapStart    u32  lowest byte of the heap
 *  48  garbage      u32  bytes of the heap that no cell uses
 *  52  run          u16  how many inserts in a row came just after the one before
 *  54  reserved     u16  0
 *  56  leftChild    u64  child below the first separator; 0 in a leaf
 *  64  slots        8 bytes each: cell offset u16, suffix length u16, head u32
 *      free space
 *      heap         cells: flags u8, value length u16, key suffix, value
 *      lower fence, upper fence, up to the end of the page
 * </pre>
 *
 * The head is the first four bytes of the suffix read as a big-endian number, padded with zeros. A
 * value of an inner cell is the child at or above the key, a u64.
 */
final class NodeLayout {
  static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** A number that increments add to; big-endian, as keys and values are. */
  static final ValueLayout.OfLong NUMBER =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT_BIG =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  static final ValueLayout.OfLong LONG_BIG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /** Page type of a tree node. */
  static final int NODE_TYPE = 10;

  /** Page type of a link of an overflow chain. */
  static final int OVERFLOW_TYPE = 11;

  static final int LEVEL = PageLayout.HEADER_BYTES;
  static final int SLOT_COUNT = LEVEL + 2;
  static final int PREFIX_LENGTH = SLOT_COUNT + 2;
  static final int LOWER_LENGTH = PREFIX_LENGTH + 2;
  static final int UPPER_LENGTH = LOWER_LENGTH + 2;
  static final int LAST_INSERT = UPPER_LENGTH + 2;
  static final int HEAP_START = LAST_INSERT + 2;
  static final int GARBAGE = HEAP_START + 4;
  static final int RUN = GARBAGE + 4;
  static final int LEFT_CHILD = RUN + 4;
  static final int SLOTS = LEFT_CHILD + 8;

  static final int SLOT_BYTES = 8;
  static final int SLOT_SUFFIX_LENGTH = 2;
  static final int SLOT_HEAD = 4;

  static final int CELL_VALUE_LENGTH = 1;
  static final int CELL_SUFFIX = 3;

  static final int CHILD_BYTES = 8;

  /** Upper length of a node without an upper bound. */
  static final int NO_UPPER = 0xffff;

  /** Cell flag: the key has been deleted; the value is what it had. */
  static final int GHOST = 1;

  /** Cell flag: the value is a reference to an overflow chain. */
  static final int OVERFLOW = 2;

  /** Links of overflow chains: next page u64, bytes u32, reserved u32, bytes of the value. */
  static final int NEXT_PAGE = PageLayout.HEADER_BYTES;

  static final int CHUNK_LENGTH = NEXT_PAGE + 8;
  static final int CHUNK = CHUNK_LENGTH + 8;

  private NodeLayout() {}
}
