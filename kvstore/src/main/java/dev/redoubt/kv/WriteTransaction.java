package dev.redoubt.kv;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.StorageException;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Cell;
import dev.redoubt.recovery.Transaction;
import dev.redoubt.recovery.TransactionDoomedException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A read-write transaction: owns the keys it touches until it ends, and changes trees through the
 * engine's transaction. One user at a time, guarded by its {@link Lifecycle}.
 */
final class WriteTransaction implements WriteTx, Viewer, KeyOwner {
  private static final System.Logger LOG = System.getLogger(WriteTransaction.class.getName());

  /** Its place in the graph of waits; guarded by the key table. */
  final Waiting waiting = new Waiting();

  /** The thread that runs the closure of this transaction; null if there is none. */
  final @Nullable Thread closureThread;

  private final Store store;
  private final Transaction transaction;
  private final long birth;
  private final long stamp;
  private final Lifecycle lifecycle;
  private final Leftovers leftovers;
  private final List<KeyOwnership> owned = new ArrayList<>();
  private long changes;

  WriteTransaction(
      Store store, Transaction transaction, long birth, @Nullable Thread closureThread) {
    this.store = store;
    this.transaction = transaction;
    this.birth = birth;
    this.closureThread = closureThread;
    this.lifecycle = new Lifecycle(transaction.id());
    this.leftovers = new Leftovers(store.pendingFree());
    this.stamp = store.horizon().enter();
    transaction.onEnd(this::rolledBackByEngine);
  }

  @Override
  public long id() {
    return transaction.id();
  }

  /** Order of first beginning; a retry keeps that of the first attempt, so that nobody starves. */
  long birth() {
    return birth;
  }

  /** Keys owned; touched by the user and, at the end, by the key table. */
  List<KeyOwnership> owned() {
    return owned;
  }

  @Override
  public <K, V> Tree<K, V> tree(TreeDef<K, V> definition) {
    enter();
    try {
      return new WriteTreeView<>(this, definition, store.catalog().openOrCreate(definition));
    } finally {
      leave();
    }
  }

  // Operations on raw keys; called by the views.

  byte @Nullable [] get(BTree tree, byte[] key) {
    enter();
    try {
      return store.reader().get(this, tree, key);
    } finally {
      leave();
    }
  }

  /** Owns the key first, so that what is read stays true until the end. */
  byte @Nullable [] getOwned(BTree tree, byte[] key) {
    enter();
    try {
      acquire(tree, key);
      return store.reader().get(this, tree, key);
    } finally {
      leave();
    }
  }

  void put(BTree tree, byte[] key, byte[] value) {
    enter();
    try {
      store.limits().check(tree, key, value.length);
      KeyOwnership mine = acquire(tree, key);
      changes++;
      boolean overflow = value.length > tree.maxInlineBytes(key.length);
      // A chain that was begun and not finished must not outlive a failure such as a full disk.
      dev.redoubt.recovery.Savepoint start = transaction.savepoint();
      try {
        byte[] stored =
            overflow ? store.overflow().write(transaction, tree.treeId(), value) : value;
        Leftovers.Replaced replaced = new Leftovers.Replaced(mine);
        tree.put(transaction, key, stored, overflow, replaced);
        leftovers.replaced(transaction, replaced);
        transaction.forget(start);
      } catch (RuntimeException | Error e) {
        undoTo(start, e);
        throw e;
      }
    } finally {
      leave();
    }
  }

  boolean delete(BTree tree, byte[] key) {
    enter();
    try {
      KeyOwnership mine = acquire(tree, key);
      changes++;
      dev.redoubt.recovery.Savepoint start = transaction.savepoint();
      try {
        Leftovers.Replaced replaced = new Leftovers.Replaced(mine);
        boolean deleted = tree.delete(transaction, key, replaced);
        if (deleted) {
          leftovers.deleted(mine.ref);
          leftovers.replaced(transaction, replaced);
        }
        transaction.forget(start);
        return deleted;
      } catch (RuntimeException | Error e) {
        undoTo(start, e);
        throw e;
      }
    } finally {
      leave();
    }
  }

  private KeyOwnership acquire(BTree tree, byte[] key) {
    try {
      return store.keys().acquire(this, new KeyRef(tree.treeId(), key));
    } catch (ConflictException e) {
      lifecycle.doom(e);
      throw e;
    }
  }

  /** Undoes an operation that failed; the transaction goes on as if it had not been tried. */
  private void undoTo(dev.redoubt.recovery.Savepoint start, Throwable cause) {
    if (store.engine().log().gate().isHalted()) {
      return;
    }
    try {
      undoTo(start);
    } catch (StorageException e) {
      cause.addSuppressed(e);
    }
  }

  private void undoTo(dev.redoubt.recovery.Savepoint start) {
    changes++;
    try {
      transaction.rollbackTo(start);
    } catch (StorageException e) {
      lifecycle.doom(e); // half undone: it must not commit
      throw e;
    }
    leftovers.undoneTo(start.lsn());
  }

  @Override
  public Savepoint savepoint() {
    enter();
    try {
      return new Savepoint(transaction.id(), transaction.savepoint().lsn());
    } finally {
      leave();
    }
  }

  @Override
  public void rollbackTo(Savepoint savepoint) {
    if (savepoint.transactionId() != transaction.id()) {
      throw new IllegalArgumentException(
          "the savepoint belongs to transaction " + savepoint.transactionId());
    }
    enter();
    try {
      undoTo(new dev.redoubt.recovery.Savepoint(savepoint.transactionId(), savepoint.lsn()));
    } finally {
      leave();
    }
  }

  @Override
  public CommitInfo commit() {
    return commit(store.options().durability());
  }

  @Override
  public CommitInfo commit(Durability durability) {
    enter();
    try {
      long lsn = transaction.commit();
      lifecycle.ended();
      if (lsn != 0 && durability == Durability.SYNC) {
        store.engine().log().force(lsn);
      }
      store.keys().release(this);
      transaction.end();
      handOver();
      return new CommitInfo(transaction.id(), lsn);
    } catch (EngineHaltedException e) {
      store.keys().wake(this); // the outcome is unknown (rule 19): nobody sees either
      throw e;
    } finally {
      leave();
    }
  }

  @Override
  public void rollback() {
    lifecycle.enterToEnd();
    try {
      if (lifecycle.hasEnded() && !lifecycle.endedByEngine()) {
        throw new ClosedException("transaction " + transaction.id() + " has ended");
      }
      endIfOpen();
    } finally {
      leave();
    }
  }

  @Override
  public void close() {
    lifecycle.enterToEnd();
    try {
      endIfOpen();
    } finally {
      leave();
    }
  }

  /** Called by the closing store: waits for the operation inside, then rolls back. */
  void closeWithStore() {
    lifecycle.awaitToEnd();
    try {
      endIfOpen();
    } catch (StorageException e) {
      // Rule 18: it stays unfinished, and the next opening tries again; the store closes.
      LOG.log(System.Logger.Level.WARNING, "transaction " + id() + " could not be rolled back", e);
    } finally {
      leave();
    }
  }

  private void endIfOpen() {
    if (!lifecycle.hasEnded()) {
      end();
    }
  }

  /**
   * Rolls back. If that fails, for a damaged page, say, the keys stay owned: others go on seeing
   * what was committed, and another attempt may be made.
   */
  private void end() {
    try {
      transaction.rollback();
    } catch (EngineHaltedException e) {
      lifecycle.ended(); // the next opening undoes it
      store.keys().wake(this);
      store.ended(this);
      return;
    } catch (StorageException e) {
      lifecycle.doom(e);
      throw e;
    }
    undone();
  }

  private void undone() {
    lifecycle.ended();
    leftovers.undone();
    store.keys().release(this);
    handOver();
  }

  /**
   * Runs when the engine's transaction has ended, in whatever thread. If that was the engine's
   * doing, at the cap of the log, the keys are given up now; a user who is inside meets the error
   * and gives them up itself.
   */
  private void rolledBackByEngine() {
    TransactionDoomedException why = transaction.doomed();
    if (why == null || !lifecycle.enterIfNobodyIs()) {
      return;
    }
    try {
      if (!lifecycle.hasEnded()) {
        lifecycle.doom(why);
        undone();
      }
    } finally {
      leave();
    }
  }

  /** The store that closes waits until this has been done too. */
  private void handOver() {
    try {
      store.horizon().leave(stamp);
      store.housekeeper().horizonMoved();
      leftovers.handOver(store.housekeeper());
    } finally {
      store.ended(this);
    }
  }

  @Override
  public void enter() {
    lifecycle.enter(store);
  }

  @Override
  public void leave() {
    lifecycle.leave();
  }

  @Override
  public long changes() {
    return changes;
  }

  @Override
  public @Nullable Cell visible(KeyTable keys, KeyRef ref, @Nullable Cell inLeaf) {
    KeyOwnership owner = keys.find(ref);
    return owner == null || owner.owner == this ? inLeaf : owner.seenByOthers(inLeaf);
  }

  Store store() {
    return store;
  }
}
