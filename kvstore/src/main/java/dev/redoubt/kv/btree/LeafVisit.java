package dev.redoubt.kv.btree;

import dev.redoubt.kv.btree.BTree.EntryVisitor;
import org.jspecify.annotations.Nullable;

/** Visits one leaf, each key and cell copied out of the page. Stateless. */
final class LeafVisit {
  private LeafVisit() {}

  static byte @Nullable [] ascending(
      Descent descent, byte @Nullable [] from, boolean inclusive, EntryVisitor visitor) {
    return LeafSlots.ascending(
        descent,
        from,
        inclusive,
        (page, slot) -> visitor.visit(Node.key(page, slot), Node.cell(page, slot)));
  }

  static byte @Nullable [] descending(
      Descent descent, byte @Nullable [] from, boolean inclusive, EntryVisitor visitor) {
    return LeafSlots.descending(
        descent,
        from,
        inclusive,
        (page, slot) -> visitor.visit(Node.key(page, slot), Node.cell(page, slot)));
  }
}
