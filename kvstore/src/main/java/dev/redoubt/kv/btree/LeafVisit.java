package dev.redoubt.kv.btree;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.kv.btree.BTree.EntryVisitor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Visits one leaf, each key and cell copied out of the page; scans take a {@link LeafImage}.
 * Stateless.
 */
final class LeafVisit {
  private static final byte[] LOWEST = new byte[0];

  private LeafVisit() {}

  static byte @Nullable [] ascending(
      Descent descent, byte @Nullable [] from, boolean inclusive, EntryVisitor visitor) {
    byte[] start = from == null ? LOWEST : from;
    try (PageGuard leaf = descent.leaf(start, false)) {
      MemorySegment page = leaf.page();
      int found = Node.search(page, start);
      int slot = found < 0 ? -found - 1 : found + (inclusive || from == null ? 0 : 1);
      for (int count = Node.slotCount(page); slot < count; slot++) {
        if (!visitor.visit(Node.key(page, slot), Node.cell(page, slot))) {
          return null;
        }
      }
      return Node.upperFence(page);
    }
  }

  static byte @Nullable [] descending(
      Descent descent, byte @Nullable [] from, boolean inclusive, EntryVisitor visitor) {
    try (PageGuard leaf = lastOf(descent, from, inclusive)) {
      MemorySegment page = leaf.page();
      int slot = Node.slotCount(page) - 1;
      if (from != null) {
        int found = Node.search(page, from);
        slot = found < 0 ? -found - 2 : inclusive ? found : found - 1;
      }
      for (; slot >= 0; slot--) {
        if (!visitor.visit(Node.key(page, slot), Node.cell(page, slot))) {
          return null;
        }
      }
      return Node.lowerLength(page) == 0 ? null : Node.lowerFence(page);
    }
  }

  /** The leaf with the last keys up to {@code from}, latched shared; null for the end. */
  static PageGuard lastOf(Descent descent, byte @Nullable [] from, boolean inclusive) {
    if (from == null) {
      return descent.lastLeaf();
    }
    return inclusive ? descent.leaf(from, false) : descent.leafBelow(from);
  }
}
