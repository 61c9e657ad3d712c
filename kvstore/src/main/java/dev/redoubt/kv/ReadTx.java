package dev.redoubt.kv;

/** A read-only transaction: never waits for writers, never makes one wait. */
public interface ReadTx extends AutoCloseable {
  /** The tree; an empty view if it does not exist. */
  <K, V> ReadTree<K, V> tree(TreeDef<K, V> definition);

  @Override
  void close();
}
