package dev.redoubt.kv;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.Environment;
import dev.redoubt.io.HaltGate;
import dev.redoubt.kv.btree.BTree;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Clears up after transactions, once the versions of their commits have been reclaimed: purges
 * ghosts of keys without a version chain (store rule 3) and frees overflow chains that no snapshot
 * can see. On a thread of its own, or, without background work, at the end of each transaction in
 * the thread that ended it. Thread-safe.
 */
final class Housekeeper implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Housekeeper.class.getName());

  /** Versions of the last commits before a quiet time are looked at again this much later. */
  private static final long RECLAIM_NANOS = 10_000_000;

  /** Something to be done when commits up to {@code due} have been reclaimed. */
  private sealed interface Chore {
    long due();

    record PurgeGhost(KeyRef ref, long due) implements Chore {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record FreeChain(byte[] key, long due) implements Chore {}

    /** Before what frees the tree again, whose key it is: others may use the key after that. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record ForgetClaim(byte[] key, long due) implements Chore {}

    /** Which comes first of those that are due together. */
    default int rank() {
      return this instanceof ForgetClaim ? 0 : 1;
    }
  }

  private final Catalog catalog;
  private final PendingFree pendingFree;
  private final VersionKeeper versions;
  private final HaltGate gate;
  private final boolean background;

  /** Held over each chore, so that a verification meets none half done; taken before a latch. */
  private final ReentrantLock atWork = new ReentrantLock();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition stopped = lock.newCondition();
  private final PriorityQueue<Chore> chores =
      new PriorityQueue<>(Comparator.comparingLong(Chore::due).thenComparingInt(Chore::rank));
  private int underWay;
  private boolean stopping;
  private boolean running;

  /** The thread waits for anything at all. */
  private static final long IDLE = 0;

  /** When the first chore is due that the thread waits for; read without the lock. */
  private volatile long waitsFor = Long.MAX_VALUE;

  Housekeeper(
      Catalog catalog,
      PendingFree pendingFree,
      VersionKeeper versions,
      Environment environment,
      HaltGate gate,
      boolean background) {
    this.catalog = catalog;
    this.pendingFree = pendingFree;
    this.versions = versions;
    this.gate = gate;
    this.background = background;
    if (background) {
      running = true;
      environment.start("redoubt-housekeeper", this::run);
    }
  }

  /**
   * Takes over what a transaction left: keys that may be ghosts, chains that its commit replaced;
   * for when commits up to {@code due} have been reclaimed.
   */
  void accept(List<KeyRef> ghosts, List<byte[]> chains, long due) {
    if (!ghosts.isEmpty() || !chains.isEmpty()) {
      lock.lock();
      try {
        ghosts.forEach(ref -> chores.add(new Chore.PurgeGhost(ref, due)));
        chains.forEach(key -> chores.add(new Chore.FreeChain(key, due)));
        arrived.signal();
      } finally {
        lock.unlock();
      }
    }
    ended();
  }

  /** A transaction has ended that left nothing. */
  void ended() {
    if (background) {
      reclaimed();
    } else {
      workOff();
    }
  }

  /** A transaction has put the trees of these keys into the catalog; {@link #accept} follows. */
  void forgetClaims(List<byte[]> keys, long due) {
    lock.lock();
    try {
      keys.forEach(key -> chores.add(new Chore.ForgetClaim(key, due)));
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Restart is over: whatever is on the list of chains from before it was committed. */
  void afterRestart(KeyTable keys) {
    keys.restartIsOver();
    List<byte[]> left =
        pendingFree.leftBefore(key -> keys.isSurelyFree(Catalog.PENDING_TREE_ID, key));
    accept(List.of(), left, 0);
  }

  /** Does what can be done now, in the calling thread. */
  void workOff() {
    versions.reclaim();
    versions.thin();
    Chore chore = poll();
    while (chore != null) {
      attempt(chore);
      chore = poll();
    }
  }

  /** What is left to be done, chores under way included. */
  int size() {
    lock.lock();
    try {
      return chores.size() + underWay;
    } finally {
      lock.unlock();
    }
  }

  /** The next chore that is due, or null. */
  private @Nullable Chore poll() {
    lock.lock();
    try {
      Chore first = chores.peek();
      if (stopping || first == null || first.due() > versions.reclaimedTo()) {
        return null;
      }
      underWay++;
      return chores.poll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (awaitChores()) {
        workOffOrWait();
      }
    } catch (Throwable failure) { // a bug: nobody may go on with clearing up ended unseen
      gate.halt(failure);
    } finally {
      lock.lock();
      try {
        running = false;
        stopped.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** A heap that is full now may have room later. */
  private void workOffOrWait() {
    try {
      workOff();
    } catch (VirtualMachineError full) {
      lock.lock();
      try {
        awaitDurability(); // some time
      } finally {
        lock.unlock();
      }
    }
  }

  private boolean awaitChores() {
    lock.lock();
    try {
      boolean durabilityAwaited = false;
      while (!stopping && !mayDoSomething() && !durabilityAwaited) {
        if (chores.isEmpty() && versions.oldestKept() == null) {
          arrived.awaitUninterruptibly();
        } else {
          waitsFor = waitsFor == IDLE ? Long.MAX_VALUE : waitsFor;
          durabilityAwaited = awaitDurability();
        }
      }
      return !stopping;
    } finally {
      waitsFor = Long.MAX_VALUE;
      lock.unlock();
    }
  }

  /** What was committed last before a quiet time is reclaimed when it has become durable. */
  @SuppressWarnings("WaitNotInLoop") // called in one
  private boolean awaitDurability() {
    try {
      return arrived.awaitNanos(RECLAIM_NANOS) <= 0;
    } catch (InterruptedException e) {
      return true; // the thread is the store's own and stops by its word alone: look again
    }
  }

  private boolean mayDoSomething() {
    Chore first = chores.peek();
    waitsFor = first == null ? IDLE : first.due(); // before the looks, which reclaimed() follows
    return first != null && first.due() <= versions.reclaimedTo();
  }

  /**
   * A snapshot is read no more. Wakes nobody if no versions are kept, as most reads leave it: a
   * commit that adds some says so itself.
   */
  void snapshotLeft() {
    if (versions.oldestKept() != null) {
      reclaimed();
    }
  }

  /** Versions may have been reclaimed, or a first commit may wait for that. */
  void reclaimed() {
    if (waitsFor > versions.reclaimedTo()) {
      return;
    }
    lock.lock();
    try {
      arrived.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Does what can be done, then {@code work}, with no chore under way meanwhile. */
  <R> R atRest(Supplier<R> work) {
    workOff();
    atWork.lock();
    try {
      return work.get();
    } finally {
      atWork.unlock();
    }
  }

  private void attempt(Chore chore) {
    atWork.lock();
    try {
      tryToDo(chore);
    } finally {
      atWork.unlock();
      over();
    }
  }

  private void over() {
    lock.lock();
    try {
      underWay--;
    } finally {
      lock.unlock();
    }
  }

  private void tryToDo(Chore chore) {
    try {
      switch (chore) {
        case Chore.PurgeGhost(KeyRef ref, long due) -> purge(ref);
        case Chore.FreeChain(byte[] key, long due) -> pendingFree.free(key);
        case Chore.ForgetClaim(byte[] key, long due) -> pendingFree.forgetClaim(key);
      }
    } catch (EngineHaltedException e) {
      stop(); // whoever comes next gets the error; the transaction that ended before has its result
    } catch (RuntimeException | VirtualMachineError e) {
      // The ghost stays until its page needs space, the chain until the store is opened again:
      // nothing is lost, so the store goes on.
      LOG.log(System.Logger.Level.WARNING, "housekeeping left something for later: " + chore, e);
    }
  }

  private void purge(KeyRef ref) {
    @Nullable BTree tree = catalog.byId(ref.treeId());
    if (tree != null) {
      tree.purge(ref.key());
    }
  }

  private void stop() {
    lock.lock();
    try {
      stopping = true;
    } finally {
      lock.unlock();
    }
  }

  /** Stops; what is left is found again at the next opening. */
  @Override
  public void close() {
    lock.lock();
    try {
      stopping = true;
      arrived.signalAll();
      while (running) {
        stopped.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
