package dev.redoubt.kv.btree;

import static dev.redoubt.kv.btree.NodeLayout.*;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.kv.btree.Descent.Route;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A scan's private copy of the leaf where it stands, so that entries are taken out of it one by one
 * when they are wanted and no latch is held meanwhile (store rule 4). Copying a leaf as a whole
 * also beats copying its entries: memory likes to be read in order, and the cells of a leaf lie in
 * the order they came. There are no sibling pointers: the next leaf is found by the fence, from the
 * node above ({@link ScanPath}) or from the root, so that position is a key and never a page (store
 * rule 16). Confined to one thread at a time; used again for leaf after leaf.
 *
 * <p>If the values are long, and each is to be handed out, they are copied once, into arrays of
 * their own, those of the part only; the rest of the leaf as else.
 */
public final class LeafImage {
  private static final VarHandle SHORT_AT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte[] LOWEST = new byte[0];
  private static final byte[][] NO_VALUES = {};

  /** A copy of a cell costs as much as that of so many bytes. */
  private static final int LONG_CELL_BYTES = 256;

  private final ScanPath path = new ScanPath();
  private byte[] bytes = new byte[0];
  private int heapStart;
  private int prefixOffset;
  private int prefixBytes;
  private int prefixHash;
  private int low;
  private int high;
  private final boolean handsOut;

  /** Values of the slots from {@code low} on, if they are not among the bytes; else empty. */
  private byte[][] values = NO_VALUES;

  private int slot;

  // Of the slot last gone to.
  private int suffixOffset;
  private int suffixBytes;
  private int flags;
  private int valueBytes;

  /**
   * An image that is empty so far.
   *
   * @param handsOut whether values are asked for by {@link #takeValue}, and {@link #copyHeap} is
   *     not called
   */
  public LeafImage(boolean handsOut) {
    this.handsOut = handsOut;
  }

  /** Where a scan stands and ends; keys are null at an end of the tree. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Part(
      byte @Nullable [] from,
      boolean inclusive,
      byte @Nullable [] bound,
      boolean boundInclusive,
      boolean ascending) {}

  /**
   * Copies the leaf where the part begins. Which of its slots belong to the part is told by {@link
   * #low} and {@link #high}. The part must not end before it begins.
   *
   * @param underLatch called when the leaf has been copied, its shared latch still held
   * @return where to go on: ascending, the upper fence, to be included; descending, the lower
   *     fence, to be left out; null at the end of the tree
   * @throws dev.redoubt.io.CorruptionException if a page on the way is damaged
   */
  public byte @Nullable [] read(BTree tree, Part part, Runnable underLatch) {
    try (PageGuard leaf = leaf(tree.descent(), part)) {
      MemorySegment page = leaf.page();
      boolean apart = handsOut && hasLongCells(page);
      if (!apart) {
        copy(page); // first, so that a search does not wait for one piece of the page at a time
      }
      byte[] fence = part.ascending ? ascending(page, part) : descending(page, part);
      if (apart) {
        copyApart(page);
      }
      underLatch.run();
      return fence;
    }
  }

  private PageGuard leaf(Descent descent, Part part) {
    byte[] from = part.from == null ? LOWEST : part.from;
    if (part.ascending) {
      return descent.leaf(Route.AT, from, path);
    }
    Route route = part.from == null ? Route.LAST : part.inclusive ? Route.AT : Route.BELOW;
    return descent.leaf(route, from, path);
  }

  private byte @Nullable [] ascending(MemorySegment page, Part part) {
    byte[] fence = Node.upperFence(page);
    byte[] bound = part.bound;
    low = part.from == null ? 0 : slotsBelow(page, part.from, !part.inclusive);
    high =
        bound == null || (fence != null && Arrays.compareUnsigned(fence, bound) <= 0)
            ? Node.slotCount(page)
            : slotsBelow(page, bound, part.boundInclusive);
    return fence;
  }

  private byte @Nullable [] descending(MemorySegment page, Part part) {
    byte[] fence = Node.lowerFence(page);
    byte[] bound = part.bound;
    high = part.from == null ? Node.slotCount(page) : slotsBelow(page, part.from, part.inclusive);
    low =
        bound == null || Arrays.compareUnsigned(fence, bound) > 0
            ? 0
            : slotsBelow(page, bound, !part.boundInclusive);
    return fence.length == 0 ? null : fence;
  }

  /** How many slots hold keys below {@code key}, or at it. */
  private static int slotsBelow(MemorySegment page, byte[] key, boolean orAt) {
    int found = Node.search(page, key);
    return found < 0 ? -found - 1 : found + (orAt ? 1 : 0);
  }

  private static boolean hasLongCells(MemorySegment page) {
    return Node.heapEnd(page) - Node.heapStart(page) >= LONG_CELL_BYTES * Node.slotCount(page);
  }

  /** Leaves out the gap between slots and heap. */
  private void copy(MemorySegment page) {
    values = NO_VALUES;
    heapStart = Node.heapStart(page);
    copySlots(page);
    copy(page, heapStart, bytes.length - heapStart);
    prefixHash = hash(1, prefixOffset, prefixBytes);
  }

  /** Leaves out the values, too, which go into arrays, and the cells beside the part. */
  private void copyApart(MemorySegment page) {
    values = high > low ? new byte[high - low][] : NO_VALUES;
    copySlots(page);
    copy(page, prefixOffset, prefixBytes);
    for (int each = low; each < high; each++) {
      int cell = Node.cellOffset(page, each);
      int head = CELL_SUFFIX + Node.suffixLength(page, each);
      copy(page, cell, head);
      values[each - low] = Node.bytes(page, (long) cell + head, Node.valueLength(page, each));
    }
    prefixHash = hash(1, prefixOffset, prefixBytes);
  }

  private void copySlots(MemorySegment page) {
    int size = (int) page.byteSize();
    if (bytes.length != size) {
      bytes = new byte[size];
    }
    copy(page, 0, (int) Node.slotOffset(Node.slotCount(page)));
    prefixOffset = (int) Node.lowerOffset(page);
    prefixBytes = Node.prefixLength(page);
  }

  private void copy(MemorySegment page, int at, int lengthBytes) {
    MemorySegment.copy(page, ValueLayout.JAVA_BYTE, at, bytes, at, lengthBytes);
  }

  private int hash(int begun, int offset, int length) {
    int hash = begun;
    for (int i = offset; i < offset + length; i++) {
      hash = 31 * hash + bytes[i];
    }
    return hash;
  }

  /** First of the slots that belong to the part; the others are {@link #high} - low - 1 behind. */
  public int low() {
    return low;
  }

  /** Behind the last slot that belongs to the part; not above {@link #low} if none does. */
  public int high() {
    return high;
  }

  private int unsignedShort(int offset) {
    return (short) SHORT_AT.get(bytes, offset) & 0xffff;
  }

  private int suffixBytes(int slot) {
    return unsignedShort(SLOTS + slot * SLOT_BYTES + SLOT_SUFFIX_LENGTH);
  }

  /** What is asked for next is of this slot. */
  public void goTo(int newSlot) {
    slot = newSlot;
    int cell = unsignedShort(SLOTS + slot * SLOT_BYTES);
    flags = bytes[cell];
    valueBytes = unsignedShort(cell + CELL_VALUE_LENGTH);
    suffixOffset = cell + CELL_SUFFIX;
    suffixBytes = suffixBytes(slot);
  }

  /** Length of all keys of the part in bytes. */
  public long keysBytes() {
    long sum = (long) prefixBytes * (high - low);
    for (int slot = low; slot < high; slot++) {
      sum += suffixBytes(slot);
    }
    return sum;
  }

  /** Whether the leaf's keys share nothing, so that each stands whole just before its value. */
  public boolean isKeyWhole() {
    return prefixBytes == 0;
  }

  /** Length of the key in bytes. */
  public int keyBytes() {
    return prefixBytes + suffixBytes;
  }

  /** {@link Arrays#hashCode(byte[])} of the key, without making it. */
  public int keyHash() {
    return hash(prefixHash, suffixOffset, suffixBytes);
  }

  /** The key, the caller's own. */
  public byte[] key() {
    byte[] key = new byte[prefixBytes + suffixBytes];
    System.arraycopy(bytes, prefixOffset, key, 0, prefixBytes);
    System.arraycopy(bytes, suffixOffset, key, prefixBytes, suffixBytes);
    return key;
  }

  /** Copies the key. */
  public void copyKey(MemorySegment into, long at) {
    MemorySegment.copy(bytes, prefixOffset, into, ValueLayout.JAVA_BYTE, at, prefixBytes);
    MemorySegment.copy(
        bytes, suffixOffset, into, ValueLayout.JAVA_BYTE, at + prefixBytes, suffixBytes);
  }

  /** Whether the key has been deleted. */
  public boolean isGhost() {
    return (flags & GHOST) != 0;
  }

  /** Whether the value is a reference to a chain. */
  public boolean isOverflow() {
    return (flags & OVERFLOW) != 0;
  }

  /** Length of the value, or of the reference to it. */
  public int valueBytes() {
    return valueBytes;
  }

  /** The value, or the reference to it; the caller's own. */
  public byte[] value() {
    return values.length == 0 ? fromBytes() : values[slot - low].clone();
  }

  /** The same; called once for each slot. */
  public byte[] takeValue() {
    return values.length == 0 ? fromBytes() : values[slot - low];
  }

  private byte[] fromBytes() {
    int offset = suffixOffset + suffixBytes;
    return Arrays.copyOfRange(bytes, offset, offset + valueBytes);
  }

  /** Key left out, what the slot holds. */
  public Cell cell() {
    return new Cell(isGhost(), isOverflow(), value());
  }

  /** The same; called once for each slot. */
  public Cell takeCell() {
    return new Cell(isGhost(), isOverflow(), takeValue());
  }

  /** Length of all cells and fences in bytes. */
  public int heapBytes() {
    return bytes.length - heapStart;
  }

  /** Copies all cells and fences. */
  public void copyHeap(MemorySegment into, long at) {
    MemorySegment.copy(bytes, heapStart, into, ValueLayout.JAVA_BYTE, at, heapBytes());
  }

  /** Where the value begins in what {@link #copyHeap} has copied. */
  public int valueInHeap() {
    return suffixOffset + suffixBytes - heapStart;
  }
}
