package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
import dev.redoubt.recovery.Roster;
import dev.redoubt.recovery.Transaction;
import java.util.Arrays;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * What a read-write transaction is made of. A short one is to be a few objects: what it does is
 * done by parts of the store, which are given the transaction, and what not every transaction needs
 * is made when it is needed first. Confined to the transaction's user, but for the volatiles.
 */
abstract sealed class TransactionParts extends Roster.Member permits WriteTransaction {
  private static final int[] NO_MORE = {};

  /** No tree has this id. */
  private static final int NO_TREE = 0;

  /** The thread that began it; for people to find it by. */
  final Thread begunBy = Thread.currentThread();

  /** Whether it has ended and owns nothing any more, or nobody can wait for it after a halt. */
  volatile boolean ended;

  final Store store;
  final Transaction transaction;
  final TransactionOptions options;
  private final long birth;
  final Lifecycle lifecycle;
  final WriteSet writes;

  /** Trees it uses: the first, and the others. Written by the user, read by any thread. */
  private volatile int usedTree = NO_TREE;

  private volatile int[] moreTrees = NO_MORE;
  private int changes;

  // Made when they are needed first.
  private volatile @Nullable Waiting waiting; // guarded by the lock of the graph of waits
  private @Nullable TransactionReads reads;
  private @Nullable Replaced replaced;
  private @Nullable Leftovers leftovers;
  private @Nullable TreeChanges treeChanges;

  /**
   * Those of a new one.
   *
   * @param birth order of first beginning; 0 for one that is no retry of another
   */
  TransactionParts(
      Store store,
      Transaction transaction,
      TransactionOptions options,
      long birth,
      boolean ofClosure) {
    this.store = store;
    this.transaction = transaction;
    this.options = options;
    this.birth = birth == 0 ? transaction.id() : birth;
    this.writes = new WriteSet(self());
    this.lifecycle = new Lifecycle(transaction.id(), ofClosure);
  }

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

  Store store() {
    return store;
  }

  /** The engine's. */
  Transaction transaction() {
    return transaction;
  }

  Lifecycle lifecycle() {
    return lifecycle;
  }

  Isolation isolation() {
    return options.isolation();
  }

  /** The thread that runs the closure of this transaction; null if there is none. */
  @Nullable Thread closureThread() {
    return lifecycle.isOfClosure() ? begunBy : null;
  }

  /** What it reads at and has read. */
  TransactionReads reads() {
    TransactionReads made = reads;
    if (made == null) {
      made = new TransactionReads(store.parts().versions(), options.isolation());
      reads = made;
    }
    return made;
  }

  /** The same, null if it has read nothing. */
  @Nullable TransactionReads readsIfAny() {
    return reads;
  }

  private WriteTransaction self() {
    return (WriteTransaction) this;
  }

  /** Whether it reads at a point already. */
  boolean hasSnapshot() {
    TransactionReads made = reads;
    return made != null && made.hasSnapshot();
  }

  /** What is told what the next write replaces, that of {@code version}. */
  Replaced replacedBy(Version version) {
    Replaced made = replaced;
    if (made == null) {
      made = new Replaced(version);
      replaced = made;
    }
    return made.by(version);
  }

  /** What is to be cleared up behind it. */
  Leftovers leftovers() {
    Leftovers made = leftovers;
    if (made == null) {
      made = new Leftovers(store.parts().pendingFree());
      leftovers = made;
    }
    return made;
  }

  /** Which trees it drops, clears and loads. */
  TreeChanges treeChanges() {
    TreeChanges made = treeChanges;
    if (made == null) {
      made = new TreeChanges(store, self());
      treeChanges = made;
    }
    return made;
  }

  /** What it has in the place of a tree that it opened; mostly that. */
  BTree current(BTree opened) {
    TreeChanges made = treeChanges;
    return made == null ? opened : made.current(opened);
  }

  /** Its place in the graph of waits; called under the graph's lock. */
  Waiting waiting() {
    Waiting made = waiting;
    if (made == null) {
      made = new Waiting();
      waiting = made;
    }
    return made;
  }

  /** The same if there is one; any thread. */
  @Nullable Waiting waitingIfAny() {
    return waiting;
  }

  /** Whether it has used the tree; any thread. */
  boolean uses(int treeId) {
    if (usedTree == treeId) {
      return true;
    }
    for (int each : moreTrees) {
      if (each == treeId) {
        return true;
      }
    }
    return false;
  }

  /** It uses the tree from now on; false if it has before. */
  boolean use(int treeId) {
    if (uses(treeId)) {
      return false;
    }
    if (usedTree == NO_TREE) {
      usedTree = treeId;
    } else {
      int[] more = Arrays.copyOf(moreTrees, moreTrees.length + 1);
      more[more.length - 1] = treeId;
      moreTrees = more;
    }
    return true;
  }

  /** It does not use the tree that {@link #use} has added last. */
  void useNoMore(int treeId) {
    if (usedTree == treeId) {
      usedTree = NO_TREE;
    } else {
      moreTrees = Arrays.copyOf(moreTrees, moreTrees.length - 1);
    }
  }

  /** Grows with everything that it changes. */
  public long changes() {
    return changes;
  }

  /** What it may see has changed. */
  void changed() {
    changes++;
  }

  /** It can only be rolled back; gives the reason to be thrown. */
  StoreException doomed(StoreException why) {
    if (FlightRecorder.isInitialized()) {
      ConflictEvent.report(id(), why);
    }
    lifecycle.doom(why);
    return why;
  }

  long seenUpTo() {
    TransactionReads read = reads;
    return read == null ? 0 : read.seenUpTo();
  }

  void leaveSnapshot() {
    TransactionReads read = reads;
    if (read != null) {
      read.leave();
    }
  }

  void requireNoLoad() {
    if (treeChanges != null) {
      treeChanges.requireNoLoad();
    }
  }

  void requireNotDropped(int treeId) {
    if (treeChanges != null) {
      treeChanges.requireNotDropped(treeId);
    }
  }

  void treesUndoneTo(long lsn) {
    if (treeChanges != null) {
      treeChanges.undoneTo(lsn);
    }
  }

  /** Everything has been undone. */
  void allUndone() {
    if (leftovers != null) {
      leftovers.undone();
    }
    treesUndoneTo(0);
  }

  /** It has ended, by the commit at {@code lsn}, or with 0 by none. */
  void handOverLeftovers(long lsn) {
    Housekeeper housekeeper = store.parts().housekeeper();
    Leftovers left = leftovers;
    if (left == null) {
      housekeeper.ended();
    } else {
      long due = lsn == 0 ? store.parts().commits().last().commitTs() : lsn;
      left.handOver(housekeeper, due);
    }
  }
}
