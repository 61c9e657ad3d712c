package dev.redoubt.kv;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.LazyLogger;
import dev.redoubt.io.StorageException;
import dev.redoubt.kv.btree.Cell;
import dev.redoubt.recovery.Transaction;
import dev.redoubt.recovery.TransactionDoomedException;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * A read-write transaction: owns the keys it touches until it ends, and changes trees through the
 * engine's transaction. One user at a time, guarded by its {@link Lifecycle}.
 */
final class WriteTransaction extends TransactionParts
    implements WriteTx, Viewer, KeyOwner, Runnable {
  private static final System.Logger LOG = LazyLogger.of(WriteTransaction.class);

  WriteTransaction(
      Store store,
      Transaction transaction,
      TransactionOptions options,
      long birth,
      boolean ofClosure) {
    super(store, transaction, options, birth, ofClosure);
    transaction.onEnd(this);
  }

  @Override
  public <K, V> Tree<K, V> tree(TreeDef<K, V> definition) {
    enter();
    try {
      return new WriteTreeView<>(
          this, definition, store.parts().treeUse().openSeen(this, definition));
    } finally {
      leave();
    }
  }

  @Override
  public boolean dropTree(String name) {
    Objects.requireNonNull(name, "name");
    enter();
    try {
      changed();
      return treeChanges().drop(name);
    } finally {
      leave();
    }
  }

  /** Enters to give a load up, whatever has become of the transaction; {@link #leave} follows. */
  void enterToGiveUp() {
    lifecycle.enterToEnd();
  }

  /** Undoes everything since, in part of an operation. */
  void undoTo(dev.redoubt.recovery.Savepoint start) {
    TreeWrites.undoTo(this, start);
    treesUndoneTo(start.lsn());
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
      changed();
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
    return commitAndWait(Objects.requireNonNull(durability, "durability"));
  }

  @Override
  public CompletionStage<CommitInfo> commitAsync() {
    lifecycle.requireByHand();
    CommitInfo done = commitAndWait(null);
    long seen = done.commitLsn() == 0 ? seenUpTo() : done.commitLsn();
    return store.parts().asyncCommits().whenDurable(seen, done);
  }

  /** What its closure has done is committed. */
  void commitClosure() {
    commitAndWait(options.durability());
  }

  /** Waits as {@code durability} says; not at all, nor tells readers, if it is null. */
  private CommitInfo commitAndWait(@Nullable Durability durability) {
    StackRoom.require();
    enter();
    @Nullable CommitEvent event = FlightRecorder.isInitialized() ? CommitEvent.beginIfOn() : null;
    try {
      requireNoLoad();
      long lsn = transaction.lastLsn() == 0 ? commitNothing() : commitWrites();
      store.parts().keys().wake(this);
      leaveSnapshot();
      if (durability != null) {
        store.parts().commits().acknowledge(lsn == 0 ? seenUpTo() : lsn, durability);
      }
      try {
        transaction.end();
      } finally {
        store.parts().versions().ended(writes, lsn != 0);
        handOver(lsn);
      }
      if (event != null) {
        CommitEvent.end(event, id(), lsn, writes.size());
      }
      return new CommitInfo(id(), lsn);
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
      treeChanges().requireNone();
      if (new Preparation(store, transaction, this, reads(), leftovers()).run(gtrid)) {
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
      long lsn = store.parts().commits().commit(transaction, writes, readsIfAny());
      lifecycle.ended();
      return lsn;
    } catch (ConflictException | SnapshotTooOldException e) {
      throw doomed(e);
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
    if (lifecycle.hasEnded()) {
      return; // whoever closes what it has committed need not come in; an end is final
    }
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
      leaveSnapshot();
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
    allUndone();
    store.parts().keys().takeBack(writes);
    store.parts().keys().wake(this);
    leaveSnapshot();
    store.parts().versions().takenBack(writes);
    handOver(0);
  }

  /**
   * Runs when the engine's transaction has ended, in whatever thread. If that was the engine's
   * doing, at the cap of the log, the keys are given up now; a user who is inside meets the error
   * and gives them up itself.
   */
  @Override
  public void run() {
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
      handOverLeftovers(lsn);
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
  public @Nullable Cell visible(KeyTable table, int treeId, byte[] key, @Nullable Cell inLeaf) {
    return Version.visible(table.find(treeId, key), inLeaf, reads().at(), writes);
  }

  @Override
  public void reading(int treeId, byte[] key) {
    requireNotDropped(treeId);
    reads().begin();
    Version own = KeyChain.own(store.parts().keys().chain(treeId, key), writes);
    if (own == null || own.isIncrement() || !own.isWritten()) {
      reads().record(treeId, key.clone()); // it may be the caller's array
    }
  }

  @Override
  public @Nullable ScanFootprint scanning(int treeId, boolean ascending) {
    requireNotDropped(treeId);
    reads().begin();
    return reads().scan(treeId, ascending);
  }

  @Override
  public void check() {
    reads().check();
  }
}
