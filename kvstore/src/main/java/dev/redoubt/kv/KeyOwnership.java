package dev.redoubt.kv;

import dev.redoubt.kv.btree.Cell;
import org.jspecify.annotations.Nullable;

/**
 * That a transaction owns a key until it ends, with what others see meanwhile: the committed state
 * from before its first write. The before-image is installed under the leaf's exclusive latch and
 * before the append (store rule 1), and read under the leaf's latch.
 */
final class KeyOwnership {
  final KeyRef ref;
  final WriteTransaction owner;
  private @Nullable Cell before;
  private volatile boolean written;

  KeyOwnership(KeyRef ref, WriteTransaction owner) {
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

  /** What everyone but the owner sees, given the cell that stands in the leaf. */
  @Nullable Cell seenByOthers(@Nullable Cell inLeaf) {
    return written ? before : inLeaf;
  }
}
