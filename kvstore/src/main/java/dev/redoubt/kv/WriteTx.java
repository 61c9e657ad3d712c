package dev.redoubt.kv;

import java.util.concurrent.CompletionStage;

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

  /**
   * Drops a tree with all its entries, as part of the transaction: a rollback, also to an earlier
   * savepoint, gives it back, and snapshots from before the commit go on reading it. Its pages are
   * freed behind the commit, when no snapshot sees it any more. Waits for read-write transactions
   * that use the tree, and for restart; those that come to use it wait for this one. In this one it
   * cannot be used or made again.
   *
   * @return false if there is no such tree
   * @throws ConflictException if waiting would be a deadlock, or takes too long, or a transaction
   *     in doubt has changed it; the transaction can only be rolled back
   */
  boolean dropTree(String name);

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

  /**
   * Commits without waiting. At return its writes are visible to read-write transactions that
   * begin; read-only ones see them when they are durable. The stage completes when they, and all
   * that it has read, are durable, on a thread of the store's that serves nothing else: what hangs
   * on it may take its time, but holds up the stages of later commits.
   *
   * @return completes with an {@link dev.redoubt.io.EngineHaltedException} if the log could not be
   *     forced; the outcome is unknown then
   * @throws ConflictException as {@link #commit(Durability)}; so does SnapshotTooOldException
   */
  CompletionStage<CommitInfo> commitAsync();

  /**
   * Puts the transaction in doubt, as one part of a larger one that a coordinator decides. At
   * return it can be committed whatever happens, a crash included: it keeps its keys, and what it
   * has read is locked against commits of others until {@link Store#commitPrepared} or {@link
   * Store#rollbackPrepared}. This object can only be closed, which does nothing then.
   *
   * @param gtrid the coordinator's name of it, 1 to 255 bytes
   * @return whether a decision is awaited; false if it has written nothing, and so is over: what it
   *     has read is as it was
   * @throws ConflictException if what it has read has been changed since, or another prepared
   *     transaction has written it, or has read what this one has written; it lives to be rolled
   *     back
   * @throws SnapshotTooOldException if that can no longer be told; it lives to be rolled back
   * @throws DecisionException if another is prepared under the same name; nothing has changed
   * @throws IllegalStateException in a closure of {@code write}; nothing has changed
   */
  boolean prepare(byte[] gtrid);

  void rollback();

  /** Rolls back if neither committed, prepared nor rolled back. */
  @Override
  void close();
}
