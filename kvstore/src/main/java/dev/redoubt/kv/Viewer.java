package dev.redoubt.kv;

import dev.redoubt.kv.btree.Cell;
import org.jspecify.annotations.Nullable;

/** Whoever reads: decides which state of a key it sees. */
interface Viewer {
  /** Begins one operation: refuses if the transaction has ended or is in use. */
  void enter();

  void leave();

  /** A key is about to be read: the snapshot is taken, and the read recorded if need be. */
  void reading(int treeId, byte[] key);

  /**
   * A scan begins; its first leaf is about to be read, so the snapshot is taken. What it looks at
   * is told to the footprint; null if nobody wants to know.
   */
  @Nullable ScanFootprint scanning(int treeId, boolean ascending);

  /**
   * What this reader sees of a key. Called under the leaf's latch.
   *
   * @param inLeaf the cell as it stands, null if there is none
   * @return null or a ghost if the key has no value for this reader
   */
  @Nullable Cell visible(KeyTable keys, int treeId, byte[] key, @Nullable Cell inLeaf);

  /**
   * Commits up to this LSN are seen, all of them, and with the reader's own writes nothing else; 0
   * for a reader who would rather be asked. Called when a snapshot has been taken.
   */
  default long seesAllUpTo() {
    return 0;
  }

  /**
   * Called after reading, before anything read is used.
   *
   * @throws SnapshotTooOldException if the snapshot has been given up meanwhile
   */
  void check();

  /** Whether it changes nothing itself, so that {@link #changes} stays as it is. */
  boolean readsOnly();

  /** Grows with everything this viewer itself changes: a scan then reads its leaf again. */
  long changes();
}
