package dev.redoubt.kv;

import dev.redoubt.kv.TreeReader.Position;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Cell;
import dev.redoubt.kv.btree.LeafImage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Reads a range for a reader that writes nothing and whose reads nobody records: the cells of a
 * leaf are copied off the heap as they lie, and an entry is a slice of them, its key behind them if
 * the leaf holds what its keys share only once. Confined to one thread.
 *
 * <p>The memory is given back every few leaves, which segments of it that user code has kept then
 * notice: never while an entry is shown.
 */
final class ByteScan implements AutoCloseable {
  /** Taking and giving back memory costs as much as some entries; it should fit into a cache. */
  private static final int LEAVES_TOGETHER = 4;

  private final Viewer viewer;
  private final LeafScan leaf;

  /** Of a leaf with many long keys that share most of their bytes they are made in parts. */
  private final long mostKeyBytes;

  private Arena arena = Arena.ofConfined();
  private int leaves;

  /** The cells of the leaf, and keys behind them. */
  private MemorySegment block = MemorySegment.NULL;

  private MemorySegment shown = MemorySegment.NULL;
  private long nextKey;

  ByteScan(Viewer viewer, TreeReader reader, BTree tree, RangeScan.Bounds bounds) {
    this.viewer = viewer;
    this.leaf = new LeafScan(viewer, reader, tree, bounds, false);
    this.mostKeyBytes = 8L * tree.maxKeyBytes();
  }

  /** Whether there is a leaf to {@link #read}. */
  boolean hasMore() {
    return leaf.next() != null;
  }

  /** Reads the next leaf. It may have no entry to show. */
  void read() {
    Position from = leaf.next();
    if (from != null) {
      viewer.enter();
      try {
        leaf.read(from);
      } finally {
        viewer.leave();
      }
      if (leaf.hasEntry()) {
        place(leaves == LEAVES_TOGETHER);
      }
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // close() does
  private void place(boolean anew) {
    if (anew) {
      arena.close();
      arena = Arena.ofConfined();
      leaves = 0;
    }
    leaves++;
    LeafImage image = leaf.image();
    nextKey = image.heapBytes();
    block = arena.allocate(nextKey + Math.min(mostKeyBytes, image.keysBytes()));
    shown = block.asReadOnly();
    image.copyHeap(block, 0);
  }

  /** Whether there is an entry of the leaf to show. */
  boolean hasEntry() {
    return leaf.hasEntry();
  }

  void pass() {
    leaf.pass();
  }

  /** The key of the entry. */
  MemorySegment key() {
    LeafImage image = leaf.image();
    int length = image.keyBytes();
    if (image.isKeyWhole()) {
      return shown.asSlice(image.valueInHeap() - length, length);
    }
    if (nextKey + length > block.byteSize()) {
      place(true);
    }
    long at = nextKey;
    nextKey += length;
    image.copyKey(block, at);
    return shown.asSlice(at, length);
  }

  /** What has to be shown as the value if it is not {@link #value}. */
  @Nullable Cell elsewhere() {
    return leaf.isPlain() ? null : leaf.cell();
  }

  /** The value of the entry, as it is in the leaf. */
  MemorySegment value() {
    LeafImage image = leaf.image();
    return shown.asSlice(image.valueInHeap(), image.valueBytes());
  }

  /** Refuses all segments. */
  @Override
  public void close() {
    arena.close();
  }
}
