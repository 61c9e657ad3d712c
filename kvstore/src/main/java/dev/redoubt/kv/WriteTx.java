package dev.redoubt.kv;

/**
 * A read-write transaction. Not bound to a thread, but used by one at a time (a second one gets an
 * {@link IllegalStateException}). Closing without commit rolls back.
 */
public interface WriteTx extends AutoCloseable {
  long id();

  /** The tree; made on first use, durably with this or any later commit. */
  <K, V> Tree<K, V> tree(TreeDef<K, V> definition);

  Savepoint savepoint();

  /** Undoes everything since; the transaction lives on, later savepoints are gone. */
  void rollbackTo(Savepoint savepoint);

  /** Commits with the store's durability. */
  CommitInfo commit();

  CommitInfo commit(Durability durability);

  void rollback();

  /** Rolls back if neither committed nor rolled back. */
  @Override
  void close();
}
