package dev.redoubt.demo.serve;

import dev.redoubt.demo.output.InputException;
import dev.redoubt.kv.CommitInfo;
import dev.redoubt.kv.ReadTree;
import dev.redoubt.kv.ReadTx;
import dev.redoubt.kv.Savepoint;
import dev.redoubt.kv.Tree;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The transaction of a connection. Confined to its thread. */
sealed interface OpenTransaction extends AutoCloseable {
  ReadTree<String, String> reading(TreeDef<String, String> tree);

  /** The tree to be written; refused in a read-only transaction. */
  Tree<String, String> writing(TreeDef<String, String> tree);

  void savepoint(String name);

  void rollbackTo(String name);

  /** Commits; the LSN of the commit record, 0 if nothing was written. */
  long commit();

  /**
   * Rolls back.
   *
   * @throws dev.redoubt.kv.ClosedException if it has ended, committed perhaps
   */
  void rollback();

  /** Rolls back what has not ended. */
  @Override
  void close();

  /** One that may write. */
  final class Writing implements OpenTransaction {
    private static final int MOST_SAVEPOINTS = 10_000;

    private final WriteTx tx;
    private final Map<String, Savepoint> savepoints = new LinkedHashMap<>();

    Writing(WriteTx tx) {
      this.tx = tx;
    }

    @Override
    public ReadTree<String, String> reading(TreeDef<String, String> tree) {
      return tx.tree(tree);
    }

    @Override
    public Tree<String, String> writing(TreeDef<String, String> tree) {
      return tx.tree(tree);
    }

    @Override
    public void savepoint(String name) {
      if (savepoints.size() == MOST_SAVEPOINTS && !savepoints.containsKey(name)) {
        throw new InputException(
            "too-many-savepoints", "a transaction has at most " + MOST_SAVEPOINTS);
      }
      savepoints.remove(name); // a name set again counts from now
      savepoints.put(name, tx.savepoint());
    }

    @Override
    public void rollbackTo(String name) {
      Savepoint savepoint = savepoints.get(name);
      if (savepoint == null) {
        throw new InputException("no-such-savepoint", "no savepoint '" + name + "' was set");
      }
      tx.rollbackTo(savepoint);
      List<String> names = List.copyOf(savepoints.keySet());
      savepoints.keySet().removeAll(names.subList(names.indexOf(name) + 1, names.size()));
    }

    @Override
    public long commit() {
      CommitInfo info = tx.commit();
      return info.commitLsn();
    }

    @Override
    public void rollback() {
      tx.rollback();
    }

    @Override
    public void close() {
      tx.close();
    }
  }

  /** One that only reads. */
  final class Reading implements OpenTransaction {
    private final ReadTx tx;

    Reading(ReadTx tx) {
      this.tx = tx;
    }

    @Override
    public ReadTree<String, String> reading(TreeDef<String, String> tree) {
      return tx.tree(tree);
    }

    @Override
    public Tree<String, String> writing(TreeDef<String, String> tree) {
      throw readOnly();
    }

    @Override
    public void savepoint(String name) {
      throw readOnly();
    }

    @Override
    public void rollbackTo(String name) {
      throw readOnly();
    }

    private static InputException readOnly() {
      return new InputException("read-only-transaction", "the transaction was begun read-only");
    }

    @Override
    public long commit() {
      tx.close();
      return 0;
    }

    @Override
    public void rollback() {
      tx.close();
    }

    @Override
    public void close() {
      tx.close();
    }
  }
}
