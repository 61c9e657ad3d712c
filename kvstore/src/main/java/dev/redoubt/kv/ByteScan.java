package dev.redoubt.kv;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.kv.TreeReader.Position;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Cell;
import dev.redoubt.kv.btree.LeafSlots;
import dev.redoubt.kv.btree.LeavesAhead;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a range for a reader that writes nothing and whose reads nobody records: the visible
 * entries of a leaf are copied from the page into a block of memory, with no object for each. Where
 * a key has versions the entry is what they say (store rule 1). Confined to one thread.
 */
final class ByteScan {
  private final Viewer viewer;
  private final TreeReader reader;
  private final BTree tree;
  private final RangeScan.Bounds bounds;
  private final LeavesAhead leaves;
  private @Nullable Position next;
  private byte[] scratch = new byte[0];
  private MemorySegment block = MemorySegment.NULL;
  private long used;
  private boolean full;
  private boolean past;

  // Of the entries of the block: where each begins, how long key and value are, large values.
  private long[] starts = new long[64];
  private int[] keyBytes = new int[64];
  private int[] valueBytes = new int[64];
  private @Nullable Cell[] large = new @Nullable Cell[64];
  private int count;

  ByteScan(Viewer viewer, TreeReader reader, BTree tree, RangeScan.Bounds bounds) {
    this.viewer = viewer;
    this.reader = reader;
    this.tree = tree;
    this.bounds = bounds;
    this.leaves = new LeavesAhead(tree, bounds.ascending());
    this.next = bounds.start();
  }

  /** Whether there may be more entries. */
  boolean hasMore() {
    return next != null;
  }

  /** A block of this size takes at least one entry, and mostly all of a leaf. */
  long blockBytes() {
    return 8L * tree.maxKeyBytes();
  }

  /**
   * Copies the next entries into {@code into}: those of one leaf, or as many as it takes. None is a
   * leaf without a visible one.
   *
   * @return how many they are
   */
  int fill(MemorySegment into) {
    Position from = next;
    count = 0;
    if (from == null) {
      return 0;
    }
    block = into;
    used = 0;
    full = false;
    past = false;
    viewer.enter();
    try {
      leaves.beforeLeaf(from.key());
      byte[] fence =
          LeafSlots.visit(tree, from.key(), from.inclusive(), bounds.ascending(), this::visit);
      viewer.check();
      if (full) {
        next = new Position(scratch.clone(), true); // the entry that did not fit
      } else {
        next = past || fence == null ? null : new Position(fence, bounds.ascending());
      }
      return count;
    } catch (CorruptionException e) {
      viewer.check(); // the tree may be dropped and gone, if the snapshot was given up
      throw e;
    } finally {
      viewer.leave();
    }
  }

  private boolean visit(MemorySegment page, int slot) {
    int length = LeafSlots.keyBytes(page, slot);
    if (scratch.length != length) {
      scratch = new byte[length];
    }
    LeafSlots.copyKey(page, slot, scratch);
    past = TreeReader.isPast(scratch, bounds.bound(), bounds.boundInclusive(), bounds.ascending());
    if (past) {
      return false;
    }
    if (reader.keys().find(tree.treeId(), scratch) != null) {
      Cell cell = LeafSlots.cell(page, slot);
      Cell seen = viewer.visible(reader.keys(), tree.treeId(), scratch.clone(), cell);
      return seen == null || seen.ghost() || add(seen);
    }
    if (LeafSlots.isGhost(page, slot)) {
      return true;
    }
    if (LeafSlots.isOverflow(page, slot)) {
      return add(LeafSlots.cell(page, slot));
    }
    int value = LeafSlots.valueBytes(page, slot);
    if (!reserve(value)) {
      return false;
    }
    long at = used - value;
    MemorySegment.copy(page, LeafSlots.valueOffset(page, slot), block, at, value);
    return true;
  }

  private boolean add(Cell cell) {
    byte[] value = cell.value();
    if (!reserve(cell.overflow() ? 0 : value.length)) {
      return false;
    }
    if (cell.overflow()) {
      large[count - 1] = cell;
    } else {
      MemorySegment.copy(MemorySegment.ofArray(value), 0, block, used - value.length, value.length);
    }
    return true;
  }

  /** Makes an entry of the key in {@code scratch}, with room for its value behind it. */
  private boolean reserve(int value) {
    full = used + scratch.length + value > block.byteSize();
    if (full) {
      return false;
    }
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, 2 * count);
      keyBytes = Arrays.copyOf(keyBytes, 2 * count);
      valueBytes = Arrays.copyOf(valueBytes, 2 * count);
      large = Arrays.copyOf(large, 2 * count);
    }
    starts[count] = used;
    keyBytes[count] = scratch.length;
    valueBytes[count] = value;
    large[count] = null;
    MemorySegment.copy(MemorySegment.ofArray(scratch), 0, block, used, scratch.length);
    used += scratch.length + value;
    count++;
    return true;
  }

  /** The key of an entry of the block. */
  MemorySegment key(MemorySegment of, int entry) {
    return of.asSlice(starts[entry], keyBytes[entry]);
  }

  /** The value of an entry of the block, unless it is a large one. */
  MemorySegment value(MemorySegment of, int entry) {
    return of.asSlice(starts[entry] + keyBytes[entry], valueBytes[entry]);
  }

  /** Where a large value of the block is; null if it is in the block. */
  @Nullable Cell large(int entry) {
    return large[entry];
  }
}
