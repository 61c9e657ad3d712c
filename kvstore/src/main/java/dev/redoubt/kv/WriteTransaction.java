package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.BTree.Before;
import dev.redoubt.kv.btree.Cell;
import dev.redoubt.recovery.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A read-write transaction: owns the keys it touches until it ends, and changes trees through the
 * engine's transaction. One user at a time, guarded by {@code user}.
 */
final class WriteTransaction implements WriteTx, Viewer {
  private enum Phase {
    OPEN,
    DOOMED,
    ENDED
  }

  /** Its place in the graph of waits; guarded by the key table. */
  final Waiting waiting = new Waiting();

  private final Store store;
  private final Transaction transaction;
  private final long birth;
  private final long stamp;
  private final ReentrantLock user = new ReentrantLock();
  private final List<KeyOwnership> owned = new ArrayList<>();
  private final List<KeyRef> ghosts = new ArrayList<>();
  private final List<byte[]> replacedChains = new ArrayList<>();
  private boolean rolledBackPartly;
  private Phase phase = Phase.OPEN;

  WriteTransaction(Store store, Transaction transaction, long birth) {
    this.store = store;
    this.transaction = transaction;
    this.birth = birth;
    this.stamp = store.horizon().enter();
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
      boolean overflow = value.length > tree.maxInlineBytes(key.length);
      // A chain that was begun and not finished must not outlive a failure such as a full disk.
      dev.redoubt.recovery.Savepoint start = transaction.savepoint();
      try {
        byte[] stored =
            overflow ? store.overflow().write(transaction, tree.treeId(), value) : value;
        Replaced replaced = new Replaced(mine);
        tree.put(transaction, key, stored, overflow, replaced);
        replaced.chainIsPendingFree();
      } catch (RuntimeException e) {
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
      dev.redoubt.recovery.Savepoint start = transaction.savepoint();
      try {
        Replaced replaced = new Replaced(mine);
        boolean deleted = tree.delete(transaction, key, replaced);
        if (deleted) {
          ghosts.add(mine.ref);
          replaced.chainIsPendingFree();
        }
        return deleted;
      } catch (RuntimeException e) {
        undoTo(start, e);
        throw e;
      }
    } finally {
      leave();
    }
  }

  /** Remembers what the write replaces: the before-image for others, the chain to be freed. */
  private final class Replaced implements BTree.BeforeImage {
    private final KeyOwnership mine;
    private byte @Nullable [] chain;

    Replaced(KeyOwnership mine) {
      this.mine = mine;
    }

    @Override
    public Before install(@Nullable Cell cell) {
      boolean ghostOfOthers = cell != null && cell.ghost() && !mine.isWritten();
      chain = cell != null && !cell.ghost() && cell.overflow() ? cell.value() : null;
      mine.install(cell);
      return ghostOfOthers ? Before.ABSENT : Before.AS_IT_IS;
    }

    void chainIsPendingFree() {
      byte[] reference = chain;
      if (reference != null) {
        replacedChains.add(store.pendingFree().add(transaction, reference));
      }
    }
  }

  private KeyOwnership acquire(BTree tree, byte[] key) {
    try {
      return store.keys().acquire(this, new KeyRef(tree.treeId(), key));
    } catch (ConflictException e) {
      phase = Phase.DOOMED;
      throw e;
    }
  }

  private void undoTo(dev.redoubt.recovery.Savepoint start, RuntimeException cause) {
    if (store.engine().log().gate().isHalted()) {
      return;
    }
    try {
      rolledBackPartly = true;
      transaction.rollbackTo(start);
    } catch (RuntimeException e) {
      phase = Phase.DOOMED;
      cause.addSuppressed(e);
    }
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
      rolledBackPartly = true;
      transaction.rollbackTo(
          new dev.redoubt.recovery.Savepoint(savepoint.transactionId(), savepoint.lsn()));
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
      phase = Phase.ENDED;
      if (lsn != 0 && durability == Durability.SYNC) {
        store.engine().log().force(lsn);
      }
      if (rolledBackPartly) {
        everyWrittenKeyMayBeGhost();
      }
      store.keys().release(this);
      transaction.end();
      handOver();
      return new CommitInfo(transaction.id(), lsn);
    } finally {
      leave();
    }
  }

  @Override
  public void rollback() {
    if (!user.tryLock()) {
      throw usedTwice();
    }
    try {
      if (phase == Phase.ENDED) {
        throw new ClosedException("transaction " + transaction.id() + " has ended");
      }
      end();
    } finally {
      user.unlock();
    }
  }

  @Override
  public void close() {
    if (!user.tryLock()) {
      throw usedTwice();
    }
    try {
      if (phase != Phase.ENDED) {
        end();
      }
    } finally {
      user.unlock();
    }
  }

  /** Called by the closing store: waits for the operation inside, then rolls back. */
  void closeWithStore() {
    user.lock();
    try {
      if (phase != Phase.ENDED) {
        end();
      }
    } finally {
      user.unlock();
    }
  }

  private void end() {
    phase = Phase.ENDED;
    try {
      if (!store.engine().log().gate().isHalted()) {
        transaction.rollback();
      }
    } finally {
      // Keys put for the first time stand in the leaf as ghosts now, as do those deleted before.
      ghosts.clear();
      everyWrittenKeyMayBeGhost();
      replacedChains.clear();
      store.keys().release(this);
      handOver();
    }
  }

  /** Rollback leaves ghosts where keys were put, in the trees and among the pending chains. */
  private void everyWrittenKeyMayBeGhost() {
    owned.stream().filter(KeyOwnership::isWritten).forEach(each -> ghosts.add(each.ref));
    replacedChains.forEach(key -> ghosts.add(new KeyRef(Catalog.PENDING_TREE_ID, key)));
  }

  private void handOver() {
    store.horizon().leave(stamp);
    store.ended(this);
    store.housekeeper().accept(ghosts, replacedChains);
  }

  /** An operation begins: one user at a time, and only while the transaction lives. */
  @Override
  public void enter() {
    if (!user.tryLock()) {
      throw usedTwice();
    }
    boolean ok = false;
    try {
      store.checkOpen();
      switch (phase) {
        case OPEN -> {}
        case DOOMED ->
            throw new ConflictException(
                "transaction "
                    + transaction.id()
                    + " met a conflict before; roll it back and run it again");
        case ENDED ->
            throw new ClosedException(
                "transaction " + transaction.id() + " has ended; begin another one");
      }
      ok = true;
    } finally {
      if (!ok) {
        user.unlock();
      }
    }
  }

  @Override
  public void leave() {
    user.unlock();
  }

  private IllegalStateException usedTwice() {
    return new IllegalStateException(
        "transaction " + transaction.id() + " is being used by another thread at this moment");
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
