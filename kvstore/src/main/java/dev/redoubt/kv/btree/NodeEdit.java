package dev.redoubt.kv.btree;

import static dev.redoubt.kv.btree.NodeLayout.*;

import dev.redoubt.buffer.PageLayout;
import java.lang.foreign.MemorySegment;

/**
 * Changes a tree page. Called by redo only, so that no byte changes without a record (rule 9):
 * compaction happens inside the change that needs the gap, the same at every replay, since it
 * depends on nothing but the page. Whoever builds a body checks the room before. Thread-safe; the
 * page is the caller's.
 */
final class NodeEdit {
  private static final int NO_SLOT = -1;

  private final PagePool scratch;

  NodeEdit(PagePool scratch) {
    this.scratch = scratch;
  }

  /** Makes a node without fences and cells. */
  void format(MemorySegment page, long pageId, int owner, int level) {
    PageLayout.format(page, pageId, NODE_TYPE, owner);
    page.set(BYTE, LEVEL, (byte) level);
    page.set(LONG, LEFT_CHILD, 0);
  }

  /**
   * Sets the fences ({@code upperLength} may be NO_UPPER), the prefix by them, and leaves no cell.
   */
  void setFences(
      MemorySegment page,
      MemorySegment lowerSource,
      long lower,
      int lowerLength,
      MemorySegment upperSource,
      long upper,
      int upperLength) {
    int upperBytes = upperLength == NO_UPPER ? 0 : upperLength;
    long upperAt = page.byteSize() - upperBytes;
    long lowerAt = upperAt - lowerLength;
    MemorySegment.copy(upperSource, upper, page, upperAt, upperBytes);
    MemorySegment.copy(lowerSource, lower, page, lowerAt, lowerLength);
    page.set(SHORT, LOWER_LENGTH, (short) lowerLength);
    page.set(SHORT, UPPER_LENGTH, (short) upperLength);
    int prefix = Keys.common(page, lowerAt, lowerLength, page, upperAt, upperBytes);
    page.set(SHORT, PREFIX_LENGTH, (short) prefix);
    page.set(SHORT, SLOT_COUNT, (short) 0);
    page.set(INT, HEAP_START, (int) lowerAt);
    page.set(INT, GARBAGE, 0);
    page.asSlice(SLOTS, lowerAt - SLOTS).fill((byte) 0);
  }

  /** Inserts a cell; {@code key} is the whole key in {@code source}. */
  void insert(
      MemorySegment page,
      int slot,
      int flags,
      MemorySegment source,
      long key,
      int keyLength,
      long value,
      int valueLength) {
    int prefix = Node.prefixLength(page);
    int suffix = keyLength - prefix;
    int cell = CELL_SUFFIX + suffix + valueLength;
    if (Node.gapBytes(page) < SLOT_BYTES + cell) {
      compact(page, NO_SLOT);
    }
    int count = Node.slotCount(page);
    int at = claim(page, SLOT_BYTES + cell) + SLOT_BYTES;
    page.set(INT, HEAP_START, at);
    long slotAt = Node.slotOffset(slot);
    MemorySegment.copy(page, slotAt, page, slotAt + SLOT_BYTES, (long) (count - slot) * SLOT_BYTES);
    page.set(SHORT, SLOT_COUNT, (short) (count + 1));
    writeSlot(page, slot, at, suffix, Node.head(source, key + prefix, suffix));
    page.set(BYTE, at, (byte) flags);
    page.set(SHORT, at + CELL_VALUE_LENGTH, (short) valueLength);
    MemorySegment.copy(source, key + prefix, page, at + CELL_SUFFIX, suffix);
    MemorySegment.copy(source, value, page, at + CELL_SUFFIX + suffix, valueLength);
    noteInsert(page, slot);
  }

  /** Gives the cell another value and other flags. */
  void replace(
      MemorySegment page, int slot, int flags, MemorySegment source, long value, int valueLength) {
    int suffix = Node.suffixLength(page, slot);
    int oldBytes = Node.cellBytes(page, slot);
    int newBytes = CELL_SUFFIX + suffix + valueLength;
    int at = Node.cellOffset(page, slot);
    if (newBytes <= oldBytes) {
      addGarbage(page, oldBytes - newBytes);
    } else if (Node.gapBytes(page) >= newBytes) {
      addGarbage(page, oldBytes);
      at = moveCell(page, slot, page, at, newBytes);
    } else {
      byte[] kept = Node.bytes(page, Node.suffixOffset(page, slot), suffix);
      compact(page, slot);
      at = claim(page, newBytes);
      page.set(INT, HEAP_START, at);
      page.set(SHORT, Node.slotOffset(slot), (short) at);
      MemorySegment.copy(MemorySegment.ofArray(kept), 0, page, at + CELL_SUFFIX, suffix);
    }
    page.set(BYTE, at, (byte) flags);
    page.set(SHORT, at + CELL_VALUE_LENGTH, (short) valueLength);
    MemorySegment.copy(source, value, page, at + CELL_SUFFIX + suffix, valueLength);
  }

  void setFlags(MemorySegment page, int slot, int flags) {
    page.set(BYTE, Node.cellOffset(page, slot), (byte) flags);
  }

  /** Adds to the number that is the slot's value. */
  void add(MemorySegment page, int slot, long delta) {
    long at = Node.valueOffset(page, slot);
    page.set(NUMBER, at, page.get(NUMBER, at) + delta);
  }

  void remove(MemorySegment page, int slot) {
    int count = Node.slotCount(page);
    int bytes = Node.cellBytes(page, slot);
    if (Node.cellOffset(page, slot) == Node.heapStart(page)) {
      page.set(INT, HEAP_START, Node.heapStart(page) + bytes);
    } else {
      addGarbage(page, bytes);
    }
    long slotAt = Node.slotOffset(slot);
    MemorySegment.copy(
        page, slotAt + SLOT_BYTES, page, slotAt, (long) (count - slot - 1) * SLOT_BYTES);
    page.set(SHORT, SLOT_COUNT, (short) (count - 1));
    if (count == 1) {
      page.set(INT, HEAP_START, Node.heapEnd(page));
      page.set(INT, GARBAGE, 0);
    }
  }

  /** Keeps the first {@code keep} cells, under a new upper fence. */
  void keepBelow(MemorySegment page, int keep, MemorySegment source, long upper, int upperLength) {
    rebuild(page, keep, NO_SLOT, source, upper, upperLength);
  }

  /** Adds a cell behind all others; {@code suffix} is the key without the prefix. */
  void append(
      MemorySegment page,
      int flags,
      MemorySegment source,
      long suffix,
      int suffixLength,
      long value,
      int valueLength) {
    int cell = CELL_SUFFIX + suffixLength + valueLength;
    int count = Node.slotCount(page);
    int at = claim(page, SLOT_BYTES + cell) + SLOT_BYTES;
    page.set(INT, HEAP_START, at);
    page.set(SHORT, SLOT_COUNT, (short) (count + 1));
    writeSlot(page, count, at, suffixLength, Node.head(source, suffix, suffixLength));
    page.set(BYTE, at, (byte) flags);
    page.set(SHORT, at + CELL_VALUE_LENGTH, (short) valueLength);
    MemorySegment.copy(source, suffix, page, at + CELL_SUFFIX, suffixLength);
    MemorySegment.copy(source, value, page, at + CELL_SUFFIX + suffixLength, valueLength);
  }

  /**
   * Copies the cells of a node that has none, as they lie in {@code source}; {@link #setSlot} is
   * called for each of them next.
   *
   * @return where the first of them is
   */
  int fill(MemorySegment page, int count, MemorySegment source, long cells, int cellsBytes) {
    int slotsBytes = count * SLOT_BYTES;
    int at = claim(page, slotsBytes + cellsBytes) + slotsBytes;
    MemorySegment.copy(source, cells, page, at, cellsBytes);
    page.set(INT, HEAP_START, at);
    page.set(SHORT, SLOT_COUNT, (short) count);
    return at;
  }

  /** Makes the slot of a cell that is there; returns where the cell behind it is. */
  int setSlot(MemorySegment page, int slot, int cell, int suffixLength) {
    int head = Node.head(page, cell + CELL_SUFFIX, suffixLength);
    writeSlot(page, slot, cell, suffixLength, head);
    int valueLength = page.get(SHORT, cell + CELL_VALUE_LENGTH) & 0xffff;
    return cell + CELL_SUFFIX + suffixLength + valueLength;
  }

  private void compact(MemorySegment page, int without) {
    int upper = Node.hasUpper(page) ? Node.upperLength(page) : NO_UPPER;
    rebuild(page, Node.slotCount(page), without, page, Node.upperOffset(page), upper);
  }

  /** Writes the page anew from its own bytes; cell {@code without} keeps a slot but no bytes. */
  private void rebuild(
      MemorySegment page,
      int keep,
      int without,
      MemorySegment upperSource,
      long upper,
      int upperLength) {
    MemorySegment old = scratch.take(page.byteSize());
    try {
      MemorySegment.copy(page, 0, old, 0, page.byteSize());
      setFences(
          page, old, Node.lowerOffset(old), Node.lowerLength(old), upperSource, upper, upperLength);
      for (int slot = 0; slot < keep; slot++) {
        if (slot == without) {
          page.set(SHORT, SLOT_COUNT, (short) (slot + 1));
          writeSlot(page, slot, 0, Node.suffixLength(old, slot), Node.head(old, slot));
        } else {
          appendFrom(page, old, slot);
        }
      }
    } finally {
      scratch.give(old);
    }
  }

  /**
   * Appends a cell of {@code old}, whose lower fence is the page's, under the page's own prefix.
   */
  private void appendFrom(MemorySegment page, MemorySegment old, int slot) {
    int longer = Node.prefixLength(page) - Node.prefixLength(old);
    long suffix = Node.suffixOffset(old, slot);
    int suffixLength = Node.suffixLength(old, slot);
    int valueLength = Node.valueLength(old, slot);
    int flags = Node.flags(old, slot);
    if (longer >= 0) {
      append(
          page,
          flags,
          old,
          suffix + longer,
          suffixLength - longer,
          suffix + suffixLength,
          valueLength);
      return;
    }
    byte[] key = Node.key(old, slot);
    byte[] value = Node.value(old, slot);
    byte[] both = java.util.Arrays.copyOf(key, key.length + value.length);
    System.arraycopy(value, 0, both, key.length, value.length);
    int prefix = Node.prefixLength(page);
    append(
        page,
        flags,
        MemorySegment.ofArray(both),
        prefix,
        key.length - prefix,
        key.length,
        valueLength);
  }

  private int moveCell(MemorySegment page, int slot, MemorySegment from, int at, int bytes) {
    int target = claim(page, bytes);
    page.set(INT, HEAP_START, target);
    MemorySegment.copy(
        from,
        (long) at + CELL_SUFFIX,
        page,
        (long) target + CELL_SUFFIX,
        Node.suffixLength(page, slot));
    page.set(SHORT, Node.slotOffset(slot), (short) target);
    return target;
  }

  private static int claim(MemorySegment page, int bytes) {
    if (Node.gapBytes(page) < bytes) {
      throw new IllegalStateException(
          "page "
              + PageLayout.pageId(page)
              + " has "
              + Node.gapBytes(page)
              + " free bytes, a change needs "
              + bytes
              + ": its body was built without checking");
    }
    return Node.heapStart(page) - bytes;
  }

  private static void addGarbage(MemorySegment page, int bytes) {
    page.set(INT, GARBAGE, Node.garbage(page) + bytes);
  }

  private static void writeSlot(
      MemorySegment page, int slot, int cellOffset, int suffixLength, int head) {
    long at = Node.slotOffset(slot);
    page.set(SHORT, at, (short) cellOffset);
    page.set(SHORT, at + SLOT_SUFFIX_LENGTH, (short) suffixLength);
    page.set(INT, at + SLOT_HEAD, head);
  }

  private static void noteInsert(MemorySegment page, int slot) {
    int last = Node.lastInsert(page);
    int run = slot == last + 1 ? Math.min(Node.run(page) + 1, 0xffff) : 0;
    page.set(SHORT, LAST_INSERT, (short) slot);
    page.set(SHORT, RUN, (short) run);
  }
}
