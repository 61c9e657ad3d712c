package dev.redoubt.kv.btree;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.kv.btree.BTree.EntryVisitor;
import dev.redoubt.kv.btree.Descent.Route;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Visits one leaf. There are no sibling pointers: the next leaf is found from the root by the
 * fence, so that position is a key and never a page (store rule 16). Stateless.
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
      for (; slot < Node.slotCount(page); slot++) {
        if (!visitor.visit(Node.key(page, slot), Node.cell(page, slot))) {
          return null;
        }
      }
      return Node.upperFence(page);
    }
  }

  static byte @Nullable [] descending(
      Descent descent, byte @Nullable [] from, boolean inclusive, EntryVisitor visitor) {
    Route route = from == null ? Route.LAST : inclusive ? Route.AT : Route.BELOW;
    byte[] start = from == null ? LOWEST : from;
    try (PageGuard leaf = Objects.requireNonNull(descent.node(route, start, 0, false))) {
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
}
