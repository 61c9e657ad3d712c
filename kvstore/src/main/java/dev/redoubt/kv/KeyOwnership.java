package dev.redoubt.kv;

import dev.redoubt.kv.btree.Cell;
import dev.redoubt.kv.btree.LeafBefore;
import org.jspecify.annotations.Nullable;

/**
 * That a transaction owns a key until it ends, with what others see meanwhile: the committed state
 * from before its first write. The before-image is installed under the leaf's exclusive latch and
 * before the append (store rule 1), and read under the leaf's latch.
 */
final class KeyOwnership {
  final KeyRef ref;
  final KeyOwner owner;
  private @Nullable Cell before;

  /** Whether {@code before} gives the flags only, its value being the one in the leaf. */
  private boolean valueInLeaf;

  private volatile boolean written;

  KeyOwnership(KeyRef ref, KeyOwner owner) {
    this.ref = ref;
    this.owner = owner;
  }

  /** Whether the owner has changed the key. */
  boolean isWritten() {
    return written;
  }

  /** Keeps the committed state; the first call counts. A ghost is kept as no value. */
  void install(@Nullable Cell committed) {
    if (!written) {
      before = committed == null || committed.ghost() ? null : committed;
      written = true;
    }
  }

  /**
   * Goes one update further back. Restart tells the updates newest first, so the last call gives
   * the committed state.
   */
  void goBackTo(LeafBefore earlier) {
    switch (earlier) {
      case LeafBefore.Absent _ -> set(null, false);
      case LeafBefore.Stored stored -> set(stored.cell(), false);
      case LeafBefore.Flagged flagged -> {
        Cell after = before;
        set(
            flagged.cell(after == null ? new Cell(true, false, new byte[0]) : after),
            valueInLeaf || !written);
      }
    }
    written = true;
  }

  private void set(@Nullable Cell cell, boolean onlyFlags) {
    before = cell;
    valueInLeaf = onlyFlags;
  }

  /** What everyone but the owner sees, given the cell that stands in the leaf. */
  @Nullable Cell seenByOthers(@Nullable Cell inLeaf) {
    Cell image = before;
    if (!written) {
      return inLeaf;
    }
    return valueInLeaf && image != null && inLeaf != null
        ? new Cell(image.ghost(), image.overflow(), inLeaf.value())
        : image;
  }
}
