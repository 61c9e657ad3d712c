package dev.redoubt.kv.btree;

import dev.redoubt.buffer.PageGuard;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Visits one leaf slot by slot, for those who copy out of the page what they want instead of being
 * given objects. There are no sibling pointers: the next leaf is found from the root by the fence,
 * so that position is a key and never a page (store rule 16). Stateless.
 */
public final class LeafSlots {
  private static final byte[] LOWEST = new byte[0];

  private LeafSlots() {}

  /** Reads slots in order. */
  @FunctionalInterface
  public interface Visitor {
    /** Called under the leaf's shared latch; returns false to stop. */
    boolean visit(MemorySegment page, int slot);
  }

  /** The same as {@link BTree#visitLeaf}. */
  public static byte @Nullable [] visit(
      BTree tree, byte @Nullable [] from, boolean inclusive, boolean ascending, Visitor visitor) {
    return ascending
        ? ascending(tree.descent(), from, inclusive, visitor)
        : descending(tree.descent(), from, inclusive, visitor);
  }

  static byte @Nullable [] ascending(
      Descent descent, byte @Nullable [] from, boolean inclusive, Visitor visitor) {
    byte[] start = from == null ? LOWEST : from;
    try (PageGuard leaf = descent.leaf(start, false)) {
      MemorySegment page = leaf.page();
      int found = Node.search(page, start);
      int slot = found < 0 ? -found - 1 : found + (inclusive || from == null ? 0 : 1);
      for (int count = Node.slotCount(page); slot < count; slot++) {
        if (!visitor.visit(page, slot)) {
          return null;
        }
      }
      return Node.upperFence(page);
    }
  }

  static byte @Nullable [] descending(
      Descent descent, byte @Nullable [] from, boolean inclusive, Visitor visitor) {
    try (PageGuard leaf = lastOf(descent, from, inclusive)) {
      MemorySegment page = leaf.page();
      int slot = Node.slotCount(page) - 1;
      if (from != null) {
        int found = Node.search(page, from);
        slot = found < 0 ? -found - 2 : inclusive ? found : found - 1;
      }
      for (; slot >= 0; slot--) {
        if (!visitor.visit(page, slot)) {
          return null;
        }
      }
      return Node.lowerLength(page) == 0 ? null : Node.lowerFence(page);
    }
  }

  private static PageGuard lastOf(Descent descent, byte @Nullable [] from, boolean inclusive) {
    if (from == null) {
      return descent.lastLeaf();
    }
    return inclusive ? descent.leaf(from, false) : descent.leafBelow(from);
  }

  /** Length of a slot's key in bytes. */
  public static int keyBytes(MemorySegment page, int slot) {
    return Node.keyLength(page, slot);
  }

  /** Copies the key of a slot into an array of its length. */
  public static void copyKey(MemorySegment page, int slot, byte[] key) {
    int prefix = Node.prefixLength(page);
    int suffix = key.length - prefix;
    MemorySegment.copy(page, ValueLayout.JAVA_BYTE, Node.lowerOffset(page), key, 0, prefix);
    MemorySegment.copy(
        page, ValueLayout.JAVA_BYTE, Node.suffixOffset(page, slot), key, prefix, suffix);
  }

  /** Whether the key of a slot has been deleted. */
  public static boolean isGhost(MemorySegment page, int slot) {
    return Node.isGhost(page, slot);
  }

  /** Whether the value of a slot is a reference to a chain. */
  public static boolean isOverflow(MemorySegment page, int slot) {
    return (Node.flags(page, slot) & NodeLayout.OVERFLOW) != 0;
  }

  /** Where the value of a slot begins in the page. */
  public static long valueOffset(MemorySegment page, int slot) {
    return Node.valueOffset(page, slot);
  }

  /** Length of the value of a slot, or of the reference to it. */
  public static int valueBytes(MemorySegment page, int slot) {
    return Node.valueLength(page, slot);
  }

  /** What a slot holds, copied. */
  public static Cell cell(MemorySegment page, int slot) {
    return Node.cell(page, slot);
  }
}
