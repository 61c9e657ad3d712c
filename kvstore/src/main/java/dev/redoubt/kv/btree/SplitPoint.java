package dev.redoubt.kv.btree;

import static dev.redoubt.kv.btree.NodeLayout.*;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Where a node is split. Chosen by bytes, near the middle, where the separator is short (suffix
 * truncation); or behind the last insert when inserts come in ascending order, so that the left
 * page stays full.
 *
 * @param slot in a leaf the first cell that goes right; above, the separator that moves up
 * @param separator lower fence of the right node, upper fence of the left
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record SplitPoint(int slot, byte[] separator) {
  /** So many inserts in a row, each just after the one before, count as ascending order. */
  private static final int ASCENDING_RUN = 4;

  /** Cells to each side of the middle among which a short separator is looked for. */
  private static final int WINDOW = 8;

  /** For a leaf that has a cell and lacks room: at least one cell goes to the other side. */
  static SplitPoint ofLeaf(MemorySegment page, Newcomer newcomer) {
    Leaf leaf = new Leaf(page, newcomer);
    int at = leaf.choose();
    if (!leaf.leftHolds(at) && leaf.neighbour(at) != at) {
      at = leaf.neighbour(at);
    }
    byte[] right = leaf.key(at);
    int length = Keys.separatorLength(leaf.key(at - 1), right);
    return new SplitPoint(leaf.slot(at), Arrays.copyOf(right, length));
  }

  /** The cells of a leaf with the newcomer among them, by position from 0. */
  private static final class Leaf {
    private final MemorySegment page;
    private final Newcomer newcomer;
    private final int count;
    private final int position;
    private final boolean replaces;

    Leaf(MemorySegment page, Newcomer newcomer) {
      this.page = page;
      this.newcomer = newcomer;
      int found = Node.search(page, newcomer.key());
      this.replaces = found >= 0;
      this.position = replaces ? found : -found - 1;
      this.count = Node.slotCount(page) + (replaces ? 0 : 1);
    }

    /** Slot of the first cell of the page at or behind position {@code at}. */
    int slot(int at) {
      return replaces || at <= position ? at : at - 1;
    }

    byte[] key(int at) {
      return at == position ? newcomer.key() : Node.key(page, slot(at));
    }

    int bytes(int at) {
      return at == position
          ? newcomer.leafBytes(page)
          : SLOT_BYTES + Node.cellBytes(page, slot(at));
    }

    /**
     * Whether the left page has room for its new upper fence. A separator taken from a cell of the
     * page makes at least as much room as it takes, since the cell moves right; one taken from the
     * newcomer may not.
     */
    boolean leftHolds(int at) {
      if (replaces || at != position) {
        return true;
      }
      int moved = Node.upperLength(page);
      for (int slot = slot(at); slot < Node.slotCount(page); slot++) {
        moved += SLOT_BYTES + Node.cellBytes(page, slot);
      }
      return Keys.separatorLength(key(at - 1), key(at)) <= Node.roomBytes(page) + moved;
    }

    /** The next best place: one cell less on the left, or else one more; {@code at} if none. */
    int neighbour(int at) {
      return at > 1 ? at - 1 : at + 1 < count ? at + 1 : at;
    }

    int choose() {
      boolean ascending = !replaces && Node.run(page) >= ASCENDING_RUN;
      if (position == count - 1 && (ascending || (!replaces && !Node.hasUpper(page)))) {
        return position;
      }
      if (ascending && position == Node.lastInsert(page) + 1) {
        return position + 1;
      }
      int middle = middle();
      int best = middle;
      int bestLength = Integer.MAX_VALUE;
      for (int distance = 0; distance <= WINDOW; distance++) {
        for (int at = middle - distance; at <= middle + distance; at += Math.max(1, 2 * distance)) {
          if (at >= 1 && at < count) {
            int length = Keys.separatorLength(key(at - 1), key(at));
            if (length < bestLength) {
              best = at;
              bestLength = length;
            }
          }
        }
      }
      return best;
    }

    private int middle() {
      int total = 0;
      for (int at = 0; at < count; at++) {
        total += bytes(at);
      }
      int left = bytes(0);
      int at = 1;
      while (at < count - 1 && left + bytes(at) / 2 < total / 2) {
        left += bytes(at);
        at++;
      }
      return at;
    }
  }

  /** For an inner node that has a separator and lacks room: one of them moves up. */
  static SplitPoint ofInner(MemorySegment page, Newcomer newcomer) {
    int count = Node.slotCount(page);
    if (!Node.hasUpper(page) && Node.childIndex(page, newcomer.key()) == count) {
      return new SplitPoint(count - 1, Node.key(page, count - 1));
    }
    int half = (Node.capacityBytes(page) - Node.roomBytes(page)) / 2;
    int left = 0;
    int middle = 0;
    while (middle < count - 1 && left + SLOT_BYTES + Node.cellBytes(page, middle) < half) {
      left += SLOT_BYTES + Node.cellBytes(page, middle);
      middle++;
    }
    int best = middle;
    for (int i = Math.max(0, middle - WINDOW); i <= Math.min(count - 1, middle + WINDOW); i++) {
      if (Node.suffixLength(page, i) < Node.suffixLength(page, best)) {
        best = i;
      }
    }
    return new SplitPoint(best, Node.key(page, best));
  }
}
