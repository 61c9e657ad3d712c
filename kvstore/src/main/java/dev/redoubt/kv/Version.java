package dev.redoubt.kv;

import dev.redoubt.kv.btree.Cell;
import dev.redoubt.kv.btree.LeafBefore;
import org.jspecify.annotations.Nullable;

/**
 * What one transaction did to one key: the state from before its first write, for those who do not
 * see the write. The newest heads the key's chain in the {@link KeyTable}; as long as its
 * transaction is active the head <em>is</em> the ownership of the key. Links change only in the
 * key's bucket; the before-image only under the leaf's exclusive latch, before the append (store
 * rule 1), and by its owner when that write has been undone.
 */
final class Version {
  /** Of the objects that stand for one version, besides the bytes of key and value. */
  private static final int OVERHEAD_BYTES = 160;

  final KeyRef ref;
  final WriteSet writes;

  /** Commit timestamp of the newest version there was when the key was acquired; 0 for none. */
  final long base;

  /** Guarded by the key's bucket; followed by readers without it. */
  volatile @Nullable Version older;

  /** Guarded by the key's bucket. */
  @Nullable Version newer;

  /** Whether nobody needs it any more and it has left the chain; guarded by the key's bucket. */
  boolean unlinked;

  private @Nullable Cell before;

  /** Whether {@code before} gives the flags only, its value being the one in the leaf. */
  private boolean valueInLeaf;

  private volatile boolean written;

  /** LSN of the owner's first write that has not been undone; 0 while there is no record of it. */
  private long firstLsn;

  Version(KeyRef ref, WriteSet writes, long base) {
    this.ref = ref;
    this.writes = writes;
    this.base = base;
  }

  /** Timestamp of the newest commit that changed the key, this one's if it did. */
  long newest() {
    return written ? writes.commitTs() : base;
  }

  /** Whether its transaction has changed the key. */
  boolean isWritten() {
    return written;
  }

  /**
   * Keeps the state from before the first write. A ghost is kept as no value.
   *
   * @return by how many bytes the memory it keeps has grown
   */
  long install(@Nullable Cell cell) {
    if (written) {
      return 0;
    }
    long had = imageBytes();
    before = cell == null || cell.ghost() ? null : cell;
    firstLsn = 0;
    written = true;
    return imageBytes() - had;
  }

  /** A write that was installed has been logged, at that LSN. */
  void logged(long lsn) {
    if (firstLsn == 0) {
      firstLsn = lsn;
    }
  }

  /** What was logged behind {@code lsn} has been undone, and what was not logged never happened. */
  void undoneTo(long lsn) {
    if (written && (firstLsn == 0 || firstLsn > lsn)) {
      written = false; // the image stays, for who is reading it: the leaf shows the same again
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

  /** Whether restart has left it an image whose value is the leaf's, or a ghost. */
  boolean needsLeaf() {
    Cell image = before;
    return valueInLeaf || (image != null && image.ghost());
  }

  /** Gives it an image of its own; {@code inLeaf} is the cell as it stands. */
  void rebuilt(@Nullable Cell inLeaf) {
    Cell image = before(inLeaf);
    set(image == null || image.ghost() ? null : image, false);
  }

  private void set(@Nullable Cell cell, boolean onlyFlags) {
    before = cell;
    valueInLeaf = onlyFlags;
  }

  /** The state before this version, given the one after it; called under the leaf's latch. */
  private @Nullable Cell before(@Nullable Cell after) {
    if (!written) {
      return after;
    }
    Cell image = before;
    return valueInLeaf && image != null && after != null
        ? new Cell(image.ghost(), image.overflow(), after.value())
        : image;
  }

  /**
   * The state that a snapshot sees: from the newest version to the first that the snapshot covers.
   *
   * @param inLeaf the cell in the leaf, which the newest version has left
   * @param at the snapshot
   * @param own the reader's own writes, visible to it; null for a reader that writes nothing
   */
  static @Nullable Cell visible(
      @Nullable Version head, @Nullable Cell inLeaf, long at, @Nullable WriteSet own) {
    Cell cell = inLeaf;
    for (Version each = head; each != null; each = each.older) {
      if (each.writes == own ? each.written : each.writes.isVisibleAt(at)) {
        return cell;
      }
      cell = each.before(cell);
    }
    return cell;
  }

  /** Memory that it keeps besides the before-image, about. */
  long shellBytes() {
    return OVERHEAD_BYTES + (long) ref.key().length;
  }

  /** Memory that it keeps, the before-image too. */
  long keptBytes() {
    return shellBytes() + imageBytes();
  }

  private long imageBytes() {
    Cell image = before;
    return image == null ? 0 : image.value().length;
  }

  /** Nobody needs the before-image any more; returns how many bytes that frees. */
  long drop() {
    long freed = imageBytes();
    unlinked = true;
    before = null;
    return freed;
  }
}
