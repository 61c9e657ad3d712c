package dev.redoubt.kv;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.BTree.EntryVisitor;
import dev.redoubt.kv.btree.Cell;
import dev.redoubt.kv.btree.Overflow;
import dev.redoubt.kv.btree.OverflowPieces;
import dev.redoubt.kv.btree.PlainKeys;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads trees as a {@link Viewer} sees them: the leaf's cell and the key's version chain are looked
 * at under one latch (store rule 1), overflow chains after it. Thread-safe.
 */
final class TreeReader {
  /** In a leaf of 8 KiB with short keys and values. */
  private static final int USUAL_CELLS = 64;

  private final KeyTable keys;
  private final Overflow overflow;

  TreeReader(KeyTable keys, Overflow overflow) {
    this.keys = keys;
    this.overflow = overflow;
  }

  /** The value that the viewer sees, the caller's own, or null. */
  byte @Nullable [] get(Viewer viewer, BTree tree, byte[] key) {
    byte[] plain = tree.plainValue(key, keys, viewer.seesAllUpTo());
    if (PlainKeys.isTold(plain)) {
      viewer.check();
      return plain;
    }
    Cell cell = cell(viewer, tree, key);
    if (cell == null) {
      return null;
    }
    byte[] value = valueOf(viewer, cell);
    return cell.overflow() ? value : value.clone(); // it may be a version's image
  }

  /**
   * The value of a key for a reader without a snapshot who sees every commit up to {@code at}, if
   * what is in the leaf is one of those: the key has no versions, and then it is durable, or the
   * newest one is (store rules, auto-commit gets).
   *
   * @return null if there is none, {@link PlainKeys#LOOK_CLOSER} if a snapshot is needed to tell
   */
  byte @Nullable [] plainValue(BTree tree, byte[] key, long at) {
    return tree.plainValue(key, keys, at);
  }

  /** The cell that the viewer sees, or null; no ghost. */
  @Nullable Cell cell(Viewer viewer, BTree tree, byte[] key) {
    int treeId = tree.treeId();
    @Nullable Cell cell;
    try {
      cell = tree.<@Nullable Cell>read(key, c -> viewer.visible(keys, treeId, key, c));
    } catch (CorruptionException e) {
      viewer.check(); // the tree may be dropped and gone, if the snapshot was given up
      throw e;
    }
    viewer.check();
    return cell == null || cell.ghost() ? null : cell;
  }

  /** Entries of one leaf in scan order, the receiver's own, and where the scan goes on. */
  record Batch(List<Map.Entry<byte[], Cell>> entries, @Nullable Position next) {}

  /** Where a scan stands: before (or at) a key; null key = the first or last of the tree. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Position(byte @Nullable [] key, boolean inclusive) {}

  /**
   * Reads the visible entries of one leaf.
   *
   * @param bound where the range ends in scan direction, null for none
   */
  Batch leaf(
      Viewer viewer,
      BTree tree,
      Position from,
      boolean ascending,
      byte @Nullable [] bound,
      boolean boundInclusive) {
    return leaf(viewer, tree, from, ascending, bound, boundInclusive, Integer.MAX_VALUE);
  }

  /** The same, but no more than {@code most} entries. */
  Batch leaf(
      Viewer viewer,
      BTree tree,
      Position from,
      boolean ascending,
      byte @Nullable [] bound,
      boolean boundInclusive,
      int most) {
    List<Map.Entry<byte[], Cell>> entries = new ArrayList<>(Math.min(most, USUAL_CELLS));
    boolean[] past = {false};
    EntryVisitor visitor =
        (key, cell) -> {
          if (isPast(key, bound, boundInclusive, ascending)) {
            past[0] = true;
            return false;
          }
          @Nullable Cell seen = viewer.visible(keys, tree.treeId(), key, cell);
          if (seen != null && !seen.ghost()) {
            entries.add(Map.entry(key, own(cell, seen)));
          }
          return entries.size() < most;
        };
    byte[] fence;
    try {
      fence = tree.visitLeaf(from.key(), from.inclusive(), ascending, visitor);
    } catch (CorruptionException e) {
      viewer.check(); // as above
      throw e;
    }
    viewer.check();
    if (entries.size() >= most) {
      return new Batch(entries, new Position(entries.getLast().getKey(), false));
    }
    if (past[0] || fence == null || isPast(fence, bound, boundInclusive, ascending)) {
      return new Batch(entries, null);
    }
    return new Batch(entries, new Position(fence, ascending));
  }

  /** What came from a version is an image that others look at, too; the leaf's cell is a copy. */
  @SuppressWarnings("ReferenceEquality") // whether it is that very copy
  private static Cell own(Cell inLeaf, Cell seen) {
    return seen == inLeaf ? seen : new Cell(seen.ghost(), seen.overflow(), seen.value().clone());
  }

  /** The bytes of a value; a chain is read without any latch held. */
  byte[] valueOf(Viewer viewer, Cell cell) {
    byte[] value = bytesOf(viewer, cell);
    viewer.check();
    return value;
  }

  /** Length of a value in bytes; reads nothing. */
  long lengthOf(Cell cell) {
    return cell.overflow() ? pieces(cell).lengthBytes() : cell.value().length;
  }

  /** The chain of a large value, to be read piece by piece. */
  OverflowPieces pieces(Cell cell) {
    return overflow.pieces(cell.value());
  }

  /**
   * Copies the next piece of a large value, without any latch held at return.
   *
   * @return how long it is; 0 behind the last, when the value has been verified
   */
  int nextPiece(Viewer viewer, OverflowPieces pieces, MemorySegment into, long at) {
    try {
      int length = pieces.next(into, at);
      viewer.check();
      return length;
    } catch (CorruptionException e) {
      viewer.check(); // its pages may have another use, if the snapshot was given up
      throw e;
    }
  }

  private byte[] bytesOf(Viewer viewer, Cell cell) {
    try {
      return cell.overflow() ? overflow.read(cell.value()) : cell.value();
    } catch (CorruptionException e) {
      viewer.check(); // its pages may have another use, if the snapshot was given up
      throw e;
    }
  }

  /** What versions of keys there are. */
  KeyTable keys() {
    return keys;
  }

  static boolean isPast(byte[] key, byte @Nullable [] bound, boolean inclusive, boolean ascending) {
    if (bound == null) {
      return false;
    }
    int order = Arrays.compareUnsigned(key, bound);
    return ascending
        ? order > 0 || (order == 0 && !inclusive)
        : order < 0 || (order == 0 && !inclusive);
  }
}
