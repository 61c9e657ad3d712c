package dev.redoubt.kv;

/**
 * A read-only transaction: reads one snapshot, never waits for writers, never makes one wait.
 * Versions are kept for it while it is open; over the version budget the oldest snapshot is given
 * up, and its reads throw {@link SnapshotTooOldException}.
 */
public interface ReadTx extends AutoCloseable {
  /** The tree; an empty view if it does not exist. */
  <K, V> ReadTree<K, V> tree(TreeDef<K, V> definition);

  @Override
  void close();
}
