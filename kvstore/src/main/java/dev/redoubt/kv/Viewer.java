package dev.redoubt.kv;

import dev.redoubt.kv.btree.Cell;
import org.jspecify.annotations.Nullable;

/** Whoever reads: decides which state of a key it sees. */
interface Viewer {
  /**
   * What this reader sees of a key. Called under the leaf's latch.
   *
   * @param inLeaf the cell as it stands, null if there is none
   * @return null or a ghost if the key has no value for this reader
   */
  @Nullable Cell visible(KeyTable keys, KeyRef ref, @Nullable Cell inLeaf);

  /** Begins one operation: refuses if the transaction has ended or is in use. */
  void enter();

  void leave();

  /** Grows with everything this viewer itself changes: a scan then reads its leaf again. */
  long changes();
}
