package dev.redoubt.kv.xa;

import dev.redoubt.kv.CommitInfo;
import dev.redoubt.kv.Durability;
import dev.redoubt.kv.Savepoint;
import dev.redoubt.kv.Tree;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import java.util.concurrent.CompletionStage;

/** A branch's transaction in the hands of its user, who may not end it. */
record BranchTx(WriteTx branch) implements WriteTx {
  @Override
  public long id() {
    return branch.id();
  }

  @Override
  public <K, V> Tree<K, V> tree(TreeDef<K, V> definition) {
    return branch.tree(definition);
  }

  /** Refused: a transaction that has dropped a tree cannot be prepared. */
  @Override
  public boolean dropTree(String name) {
    throw new IllegalStateException("a branch of a larger transaction cannot drop trees");
  }

  @Override
  public Savepoint savepoint() {
    return branch.savepoint();
  }

  @Override
  public void rollbackTo(Savepoint savepoint) {
    branch.rollbackTo(savepoint);
  }

  @Override
  public CommitInfo commit() {
    throw refused();
  }

  @Override
  public CommitInfo commit(Durability durability) {
    throw refused();
  }

  @Override
  public CompletionStage<CommitInfo> commitAsync() {
    throw refused();
  }

  @Override
  public boolean prepare(byte[] gtrid) {
    throw refused();
  }

  @Override
  public void rollback() {
    throw refused();
  }

  /** Does nothing: the transaction manager ends it. */
  @Override
  public void close() {}

  private static IllegalStateException refused() {
    return new IllegalStateException(
        "the transaction is a branch of a larger one; its transaction manager ends it");
  }
}
