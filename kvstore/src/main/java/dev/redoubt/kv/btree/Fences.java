package dev.redoubt.kv.btree;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.io.CorruptionException;
import java.lang.foreign.MemorySegment;

/**
 * Holds the leaf that a descent has reached against what was sought (Graefe, "A survey of B-tree
 * locking techniques", 2010, section 3.3: fence keys verify each step from the root). A leaf whose
 * fences do not enclose the key is not the one its parent names: a write of either was lost, and an
 * older version of the page came back. Reading on would miss keys, or go in a circle. Stateless.
 */
final class Fences {
  private Fences() {}

  /** A leaf for reading or writing at {@code key}: {@code lower fence <= key < upper fence}. */
  static PageGuard enclosing(PageGuard leaf, Descent descent, byte[] key) {
    MemorySegment page = leaf.page();
    if (enclose(page, key)) {
      return leaf;
    }
    throw strange(leaf, descent, "at", key);
  }

  /** Whether {@code lower fence <= key < upper fence}. */
  static boolean enclose(MemorySegment page, byte[] key) {
    return compareLower(page, key) <= 0 && (!Node.hasUpper(page) || compareUpper(page, key) > 0);
  }

  /** A leaf for reading just below it: {@code lower fence < key <= upper fence}. */
  static PageGuard enclosingBelow(PageGuard leaf, Descent descent, byte[] key) {
    if (encloseBelow(leaf.page(), key)) {
      return leaf;
    }
    throw strange(leaf, descent, "below", key);
  }

  /** Whether {@code lower fence < key <= upper fence}. */
  static boolean encloseBelow(MemorySegment page, byte[] key) {
    boolean above = Node.lowerLength(page) == 0 || compareLower(page, key) < 0;
    return above && (!Node.hasUpper(page) || compareUpper(page, key) >= 0);
  }

  private static int compareLower(MemorySegment page, byte[] key) {
    return Node.compare(page, Node.lowerOffset(page), Node.lowerLength(page), key);
  }

  private static int compareUpper(MemorySegment page, byte[] key) {
    return Node.compare(page, Node.upperOffset(page), Node.upperLength(page), key);
  }

  /** The leaf is closed. */
  private static CorruptionException strange(
      PageGuard leaf, Descent descent, String where, byte[] key) {
    try (leaf) {
      byte[] lower = Node.lowerFence(leaf.page());
      byte[] upper = Node.upperFence(leaf.page());
      return new CorruptionException(
          "page "
              + leaf.pageId()
              + ": expected the leaf of "
              + descent.called()
              + " that has the keys "
              + where
              + " "
              + Keys.text(key)
              + ", found one for the keys"
              + (lower.length == 0 ? " from the first" : " from " + Keys.text(lower))
              + (upper == null ? " to the last" : " to below " + Keys.text(upper))
              + ": an older version of it or of a page above it came back from disk. The rest of"
              + " the store is readable; restore the page from a backup, or "
              + CorruptionException.SALVAGE
              + ".");
    }
  }
}
