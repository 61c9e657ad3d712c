package dev.redoubt.kv;

/**
 * A read-write transaction. Not bound to a thread, but used by one at a time (a second one gets an
 * {@link IllegalStateException}). Closing without commit rolls back.
 *
 * <p>It reads the snapshot of its first read, and its own writes. What was read is confirmed by
 * {@code commit} alone. After a {@link ConflictException} or {@link SnapshotTooOldException} it can
 * only be rolled back.
 */
public interface WriteTx extends AutoCloseable {
  long id();

  /** The tree; made on first use, durably with this or any later commit. */
  <K, V> Tree<K, V> tree(TreeDef<K, V> definition);

  Savepoint savepoint();

  /** Undoes everything since; the transaction lives on, later savepoints are gone. */
  void rollbackTo(Savepoint savepoint);

  /** Commits with the transaction's durability. */
  CommitInfo commit();

  /**
   * Commits. At return its writes are visible to every transaction that begins; with {@link
   * Durability#SYNC} they, and all that it has read, are durable.
   *
   * @throws ConflictException if what it has read has been changed since (SERIALIZABLE)
   * @throws SnapshotTooOldException if that can no longer be told; after either it lives to be
   *     rolled back
   */
  CommitInfo commit(Durability durability);

  void rollback();

  /** Rolls back if neither committed nor rolled back. */
  @Override
  void close();
}
