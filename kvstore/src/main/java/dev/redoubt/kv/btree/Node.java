package dev.redoubt.kv.btree;

import static dev.redoubt.kv.btree.NodeLayout.*;

import dev.redoubt.buffer.PageLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tree page. Loops are bounded by the slot count and every access is checked against the
 * page, so that a reader without a latch meets at worst an {@link IndexOutOfBoundsException}.
 * Stateless; the caller holds the latch or validates afterwards.
 */
final class Node {
  private static final VarHandle KEY_LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle KEY_INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private Node() {}

  static boolean isNode(MemorySegment page) {
    return PageLayout.type(page) == NODE_TYPE;
  }

  static int level(MemorySegment page) {
    return page.get(BYTE, LEVEL) & 0xff;
  }

  static int slotCount(MemorySegment page) {
    return page.get(SHORT, SLOT_COUNT) & 0xffff;
  }

  static int prefixLength(MemorySegment page) {
    return page.get(SHORT, PREFIX_LENGTH) & 0xffff;
  }

  static int lowerLength(MemorySegment page) {
    return page.get(SHORT, LOWER_LENGTH) & 0xffff;
  }

  /** Length of the upper fence, 0 if there is none. */
  static int upperLength(MemorySegment page) {
    int length = page.get(SHORT, UPPER_LENGTH) & 0xffff;
    return length == NO_UPPER ? 0 : length;
  }

  static boolean hasUpper(MemorySegment page) {
    return (page.get(SHORT, UPPER_LENGTH) & 0xffff) != NO_UPPER;
  }

  static int heapStart(MemorySegment page) {
    return page.get(INT, HEAP_START);
  }

  static int garbage(MemorySegment page) {
    return page.get(INT, GARBAGE);
  }

  static int lastInsert(MemorySegment page) {
    return page.get(SHORT, LAST_INSERT) & 0xffff;
  }

  static int run(MemorySegment page) {
    return page.get(SHORT, RUN) & 0xffff;
  }

  static long upperOffset(MemorySegment page) {
    return page.byteSize() - upperLength(page);
  }

  static long lowerOffset(MemorySegment page) {
    return upperOffset(page) - lowerLength(page);
  }

  /** Where the fences begin. */
  static int heapEnd(MemorySegment page) {
    return (int) lowerOffset(page);
  }

  static byte[] lowerFence(MemorySegment page) {
    return bytes(page, lowerOffset(page), lowerLength(page));
  }

  static byte @Nullable [] upperFence(MemorySegment page) {
    return hasUpper(page) ? bytes(page, upperOffset(page), upperLength(page)) : null;
  }

  static long slotOffset(int slot) {
    return SLOTS + (long) slot * SLOT_BYTES;
  }

  static int cellOffset(MemorySegment page, int slot) {
    return page.get(SHORT, slotOffset(slot)) & 0xffff;
  }

  static int suffixLength(MemorySegment page, int slot) {
    return page.get(SHORT, slotOffset(slot) + SLOT_SUFFIX_LENGTH) & 0xffff;
  }

  static int head(MemorySegment page, int slot) {
    return page.get(INT, slotOffset(slot) + SLOT_HEAD);
  }

  static int keyLength(MemorySegment page, int slot) {
    return prefixLength(page) + suffixLength(page, slot);
  }

  static long suffixOffset(MemorySegment page, int slot) {
    return (long) cellOffset(page, slot) + CELL_SUFFIX;
  }

  static int flags(MemorySegment page, int slot) {
    return page.get(BYTE, cellOffset(page, slot)) & 0xff;
  }

  static boolean isGhost(MemorySegment page, int slot) {
    return (flags(page, slot) & GHOST) != 0;
  }

  static int valueLength(MemorySegment page, int slot) {
    return page.get(SHORT, cellOffset(page, slot) + CELL_VALUE_LENGTH) & 0xffff;
  }

  static long valueOffset(MemorySegment page, int slot) {
    return suffixOffset(page, slot) + suffixLength(page, slot);
  }

  static int cellBytes(MemorySegment page, int slot) {
    return CELL_SUFFIX + suffixLength(page, slot) + valueLength(page, slot);
  }

  /** Free bytes between slots and heap. */
  static int gapBytes(MemorySegment page) {
    return heapStart(page) - SLOTS - slotCount(page) * SLOT_BYTES;
  }

  /** Free bytes in all: after compaction they are one gap. */
  static int roomBytes(MemorySegment page) {
    return gapBytes(page) + garbage(page);
  }

  /** What slots and cells may use together. */
  static int capacityBytes(MemorySegment page) {
    return heapEnd(page) - SLOTS;
  }

  static byte[] key(MemorySegment page, int slot) {
    int prefix = prefixLength(page);
    int suffix = suffixLength(page, slot);
    byte[] key = new byte[prefix + suffix];
    MemorySegment.copy(page, ValueLayout.JAVA_BYTE, lowerOffset(page), key, 0, prefix);
    MemorySegment.copy(page, ValueLayout.JAVA_BYTE, suffixOffset(page, slot), key, prefix, suffix);
    return key;
  }

  static byte[] value(MemorySegment page, int slot) {
    return bytes(page, valueOffset(page, slot), valueLength(page, slot));
  }

  /** A copy of the value; null for a ghost, {@link PlainKeys#LOOK_CLOSER} for an overflow chain. */
  static byte @Nullable [] plainValue(MemorySegment page, int slot) {
    int flags = flags(page, slot);
    if (flags == 0) {
      return value(page, slot);
    }
    return (flags & GHOST) != 0 ? null : PlainKeys.LOOK_CLOSER;
  }

  static Cell cell(MemorySegment page, int slot) {
    int flags = flags(page, slot);
    return new Cell((flags & GHOST) != 0, (flags & OVERFLOW) != 0, value(page, slot));
  }

  /** Child at {@code index}: 0 is left of the first separator, i right of separator i - 1. */
  static long child(MemorySegment page, int index) {
    return page.get(LONG, index == 0 ? LEFT_CHILD : valueOffset(page, index - 1));
  }

  /** Index of the child that holds {@code key}. */
  static int childIndex(MemorySegment page, byte[] key) {
    int slot = search(page, key);
    return slot >= 0 ? slot + 1 : -slot - 1;
  }

  /** Index of the child that holds the keys just below {@code key}. */
  static int childIndexBelow(MemorySegment page, byte[] key) {
    int slot = search(page, key);
    return slot >= 0 ? slot : -slot - 1;
  }

  /**
   * Finds a key that lies between the fences (and so begins with the prefix).
   *
   * @return its slot, or -(slot where it would be) - 1
   */
  static int search(MemorySegment page, byte[] key) {
    int prefix = prefixLength(page);
    int wanted = head(key, prefix);
    int low = 0;
    int high = slotCount(page) - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = Integer.compareUnsigned(head(page, middle), wanted);
      if (order == 0) {
        order = compareSuffix(page, middle, key, prefix);
      }
      if (order < 0) {
        low = middle + 1;
      } else if (order > 0) {
        high = middle - 1;
      } else {
        return middle;
      }
    }
    return -low - 1;
  }

  /** Whether the last insert was behind all other cells, and so was the one before it. */
  static boolean endsWithRun(MemorySegment page) {
    return run(page) > 0 && lastInsert(page) == slotCount(page) - 1;
  }

  /** Compares the key of a slot with {@code key}, both without the prefix. */
  private static int compareSuffix(MemorySegment page, int slot, byte[] key, int prefix) {
    int suffix = suffixLength(page, slot);
    int equal = suffix >= 4 && key.length - prefix >= 4 ? 4 : 0; // bytes of the equal heads
    return compare(page, suffixOffset(page, slot), suffix, key, prefix, equal);
  }

  /** Compares bytes of the page with {@code key}. */
  static int compare(MemorySegment page, long offset, int length, byte[] key) {
    return compare(page, offset, length, key, 0, 0);
  }

  /** Compares them with {@code key} from {@code from} on; the first {@code equal} are equal. */
  private static int compare(
      MemorySegment page, long offset, int length, byte[] key, int from, int equal) {
    int rest = key.length - from;
    int common = Math.min(length, rest);
    int i = equal;
    for (; i + 8 <= common; i += 8) {
      long a = page.get(LONG_BIG, offset + i);
      long b = (long) KEY_LONG.get(key, from + i);
      if (a != b) {
        return Long.compareUnsigned(a, b);
      }
    }
    for (; i < common; i++) {
      int order = (page.get(BYTE, offset + i) & 0xff) - (key[from + i] & 0xff);
      if (order != 0) {
        return order;
      }
    }
    return length - rest;
  }

  /** First four bytes of {@code key} from {@code from} on as a big-endian number. */
  static int head(byte[] key, int from) {
    if (key.length - from >= 4) {
      return (int) KEY_INT.get(key, from);
    }
    int head = 0;
    for (int i = 0; i < 4; i++) {
      head = head << 8 | (from + i < key.length ? key[from + i] & 0xff : 0);
    }
    return head;
  }

  /** The same of bytes in a segment. */
  static int head(MemorySegment source, long offset, int lengthBytes) {
    if (lengthBytes >= 4) {
      return source.get(INT_BIG, offset);
    }
    int head = 0;
    for (int i = 0; i < 4; i++) {
      head = head << 8 | (i < lengthBytes ? source.get(BYTE, offset + i) & 0xff : 0);
    }
    return head;
  }

  static byte[] bytes(MemorySegment source, long offset, int lengthBytes) {
    byte[] copy = new byte[lengthBytes];
    MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, copy, 0, lengthBytes);
    return copy;
  }

  static boolean roomForInsert(MemorySegment page, int keyLength, int valueLength) {
    return roomBytes(page)
        >= SLOT_BYTES + CELL_SUFFIX + keyLength - prefixLength(page) + valueLength;
  }

  static boolean roomForReplace(MemorySegment page, int slot, int valueLength) {
    return roomBytes(page) >= valueLength - valueLength(page, slot);
  }
}
