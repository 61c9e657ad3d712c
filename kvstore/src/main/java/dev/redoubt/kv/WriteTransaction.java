package dev.redoubt.kv;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.StorageException;
import dev.redoubt.kv.btree.Cell;
import dev.redoubt.recovery.Transaction;
import dev.redoubt.recovery.TransactionDoomedException;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
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
  private final TransactionOptions options;
  private final long birth;
  private final Lifecycle lifecycle;
  private final Leftovers leftovers;
  private final WriteSet writes = new WriteSet(this);
  private final TransactionReads reads;
  private final OwnedKeys keys;
  private final TreeWrites treeWrites;
  private final KeyOperations operations;
  private final TreeUse treeUse;
  private final TreeChanges treeChanges;

  WriteTransaction(
      Store store,
      Transaction transaction,
      TransactionOptions options,
      long birth,
      @Nullable Thread closureThread) {
    this.store = store;
    this.transaction = transaction;
    this.options = options;
    this.birth = birth;
    this.closureThread = closureThread;
    this.lifecycle = new Lifecycle(transaction.id(), closureThread != null);
    this.leftovers = new Leftovers(store.parts().pendingFree());
    this.reads = new TransactionReads(store.parts().versions(), options.isolation());
    this.keys = new OwnedKeys(store, this, reads, lifecycle);
    this.treeWrites = new TreeWrites(store, transaction, keys, writes, leftovers, lifecycle);
    this.operations = new KeyOperations(store, this, keys, treeWrites);
    this.treeUse = new TreeUse(store, this, keys, reads);
    this.treeChanges = new TreeChanges(store, this, transaction, treeUse, leftovers);
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

  /** Versions of the keys it owns; touched by the user alone. */
  WriteSet writes() {
    return writes;
  }

  @Override
  public <K, V> Tree<K, V> tree(TreeDef<K, V> definition) {
    enter();
    try {
      return new WriteTreeView<>(this, definition, treeUse.openSeen(definition));
    } finally {
      leave();
    }
  }

  @Override
  public boolean dropTree(String name) {
    Objects.requireNonNull(name, "name");
    enter();
    try {
      operations.changed();
      return treeChanges.drop(name);
    } finally {
      leave();
    }
  }

  /** Which trees it uses. */
  TreeUse treeUse() {
    return treeUse;
  }

  /** Which trees it drops, clears and loads. */
  TreeChanges treeChanges() {
    return treeChanges;
  }

  /** Enters to give a load up, whatever has become of the transaction; {@link #leave} follows. */
  void enterToGiveUp() {
    lifecycle.enterToEnd();
  }

  /** Undoes everything since, in part of an operation. */
  void undoTo(dev.redoubt.recovery.Savepoint start) {
    treeWrites.undoTo(start);
    treeChanges.undoneTo(start.lsn());
  }

  /** What views do with raw keys. */
  KeyOperations operations() {
    return operations;
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
    StackRoom.require();
    enter();
    try {
      operations.changed();
      undoTo(new dev.redoubt.recovery.Savepoint(savepoint.transactionId(), savepoint.lsn()));
    } finally {
      leave();
    }
  }

  @Override
  public CommitInfo commit() {
    return commit(options.durability());
  }

  @Override
  public CommitInfo commit(Durability durability) {
    lifecycle.requireByHand();
    return commitAndWait(Objects.requireNonNull(durability, "durability")).info();
  }

  @Override
  public CompletionStage<CommitInfo> commitAsync() {
    lifecycle.requireByHand();
    Committed done = commitAndWait(null);
    return store.parts().asyncCommits().whenDurable(done.seen(), done.info());
  }

  /** What its closure has done is committed. */
  void commitClosure() {
    commitAndWait(options.durability());
  }

  /** Waits as {@code durability} says; not at all, nor tells readers, if it is null. */
  private Committed commitAndWait(@Nullable Durability durability) {
    StackRoom.require();
    enter();
    @Nullable CommitEvent event = CommitEvent.beginIfOn();
    try {
      treeChanges.requireNoLoad();
      long lsn = transaction.lastLsn() == 0 ? commitNothing() : commitWrites();
      store.parts().keys().wake(this);
      long seen = lsn == 0 ? reads.seenUpTo() : lsn;
      reads.leave();
      if (durability != null) {
        store.parts().commits().acknowledge(seen, durability);
      }
      try {
        transaction.end();
      } finally {
        store.parts().versions().ended(writes, lsn != 0);
        handOver(lsn);
      }
      CommitEvent.end(event, id(), lsn, writes.size());
      return new Committed(new CommitInfo(id(), lsn), seen);
    } catch (EngineHaltedException e) {
      store.parts().keys().wake(this); // the outcome is unknown (rule 19): nobody sees either
      throw e;
    } finally {
      leave();
    }
  }

  @Override
  public boolean prepare(byte[] gtrid) {
    lifecycle.requireByHand();
    Preparation.check(gtrid);
    StackRoom.require();
    enter();
    try {
      treeChanges.requireNone();
      if (new Preparation(store, transaction, this, keys, reads, leftovers).run(gtrid)) {
        lifecycle.handedOver();
        store.ended(this);
        return true;
      }
      commit(Durability.ASYNC);
      return false;
    } finally {
      leave();
    }
  }

  /** Nothing was logged: it has read what was committed at its snapshot. */
  private long commitNothing() {
    transaction.commit();
    lifecycle.ended();
    store.parts().keys().takeBack(writes);
    return 0;
  }

  private long commitWrites() {
    try {
      long lsn = store.parts().commits().commit(transaction, writes, reads);
      lifecycle.ended();
      return lsn;
    } catch (ConflictException | SnapshotTooOldException e) {
      throw keys.doomed(e);
    }
  }

  @Override
  public void rollback() {
    lifecycle.requireByHand();
    StackRoom.require();
    lifecycle.enterToEnd();
    try {
      lifecycle.requireNotEnded();
      end();
    } finally {
      leave();
    }
  }

  @Override
  public void close() {
    giveUp(true);
  }

  /** Rolls back what is open; if its user does that, by hand. */
  void giveUp(boolean byHand) {
    StackRoom.require();
    lifecycle.enterToEnd();
    try {
      if (byHand && !lifecycle.hasEnded()) {
        lifecycle.requireByHand();
      }
      end();
    } finally {
      leave();
    }
  }

  /** Called by the closing store: waits for the operation inside, then rolls back. */
  void closeWithStore() {
    lifecycle.awaitToEnd();
    try {
      end();
    } catch (StorageException e) {
      // Rule 18: it stays unfinished, and the next opening tries again; the store closes.
      LOG.log(System.Logger.Level.WARNING, "transaction " + id() + " could not be rolled back", e);
    } finally {
      leave();
    }
  }

  /**
   * Rolls back what is open. If that fails, for a damaged page, say, the keys stay owned: others go
   * on seeing what was committed, and it may be tried again.
   */
  private void end() {
    if (!lifecycle.isOpen()) {
      return;
    }
    try {
      transaction.rollback();
    } catch (EngineHaltedException e) {
      lifecycle.ended(); // the next opening undoes it
      store.parts().keys().wake(this);
      reads.leave();
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
    treeChanges.undoneTo(0);
    store.parts().keys().takeBack(writes);
    store.parts().keys().wake(this);
    reads.leave();
    store.parts().versions().takenBack(writes);
    handOver(0);
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
      if (lifecycle.isOpen()) {
        lifecycle.doom(why);
        undone();
      }
    } finally {
      leave();
    }
  }

  /** The store that closes waits until this has been done too. */
  private void handOver(long lsn) {
    try {
      leftovers.handOver(
          store.parts().housekeeper(), lsn == 0 ? store.parts().commits().last().commitTs() : lsn);
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
  public boolean readsOnly() {
    return false;
  }

  @Override
  public long changes() {
    return operations.changes();
  }

  @Override
  public @Nullable Cell visible(KeyTable table, int treeId, byte[] key, @Nullable Cell inLeaf) {
    return Version.visible(table.find(treeId, key), inLeaf, reads.at(), writes);
  }

  @Override
  public void reading(int treeId, byte[] key) {
    treeChanges.requireNotDropped(treeId);
    reads.begin();
    Version own = KeyChain.own(store.parts().keys().chain(treeId, key), writes);
    if (own == null || own.isIncrement() || !own.isWritten()) {
      reads.record(treeId, key.clone()); // it may be the caller's array
    }
  }

  @Override
  public @Nullable ScanFootprint scanning(int treeId, boolean ascending) {
    treeChanges.requireNotDropped(treeId);
    reads.begin();
    return reads.scan(treeId, ascending);
  }

  @Override
  public void check() {
    reads.check();
  }

  Store store() {
    return store;
  }
}
