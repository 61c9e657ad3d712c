package dev.redoubt.kv;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.Environment;
import dev.redoubt.kv.btree.BTree;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Clears up after transactions: purges ghosts whose key nobody owns (store rule 3) and frees chains
 * that no open transaction can see. On a thread of its own, or, without background work, at the end
 * of each transaction in the thread that ended it. Thread-safe.
 */
final class Housekeeper implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Housekeeper.class.getName());

  private sealed interface Chore {
    record PurgeGhost(KeyRef ref) implements Chore {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record FreeChain(byte[] key, long stamp) implements Chore {}
  }

  private final Catalog catalog;
  private final PendingFree pendingFree;
  private final Horizon horizon;
  private final boolean background;

  /** Held over each chore, so that a verification meets none half done; taken before a latch. */
  private final ReentrantLock atWork = new ReentrantLock();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition stopped = lock.newCondition();
  private final ArrayDeque<Chore> chores = new ArrayDeque<>();
  private boolean stopping;
  private boolean running;

  /** Whether a chain waits for the horizon: read without the lock by readers that leave. */
  private volatile boolean chainsWait;

  Housekeeper(
      Catalog catalog,
      PendingFree pendingFree,
      Horizon horizon,
      Environment environment,
      boolean background) {
    this.catalog = catalog;
    this.pendingFree = pendingFree;
    this.horizon = horizon;
    this.background = background;
    if (background) {
      running = true;
      environment.start("redoubt-housekeeper", this::run);
    }
  }

  /**
   * Takes over what a transaction left: keys that may be ghosts, chains that its commit replaced.
   */
  void accept(List<KeyRef> ghosts, List<byte[]> chains) {
    if (ghosts.isEmpty() && chains.isEmpty() && background) {
      return;
    }
    long stamp = horizon.stamp();
    lock.lock();
    try {
      ghosts.forEach(ref -> chores.add(new Chore.PurgeGhost(ref)));
      chains.forEach(key -> chores.add(new Chore.FreeChain(key, stamp)));
      arrived.signal();
    } finally {
      lock.unlock();
    }
    if (!background) {
      workOff();
    }
  }

  /** Does what can be done now, in the calling thread. */
  void workOff() {
    int count = size();
    for (int i = 0; i < count; i++) {
      Chore chore = poll();
      if (chore == null) {
        return;
      }
      attempt(chore);
    }
  }

  int size() {
    lock.lock();
    try {
      return chores.size();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Chore poll() {
    lock.lock();
    try {
      return stopping ? null : chores.poll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (awaitChores()) {
        workOff();
      }
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

  private boolean awaitChores() {
    lock.lock();
    try {
      while (!stopping && !mayDoSomething()) {
        arrived.awaitUninterruptibly();
      }
      return !stopping;
    } finally {
      lock.unlock();
    }
  }

  /** Chains that are still visible wait for a transaction to leave, which signals. */
  private boolean mayDoSomething() {
    chainsWait = !chores.isEmpty(); // before the look at the horizon, which horizonMoved follows
    for (Chore each : chores) {
      if (!(each instanceof Chore.FreeChain chain) || horizon.passed(chain.stamp())) {
        return true;
      }
    }
    return false;
  }

  /** A transaction has left the horizon: chains may have become free. */
  void horizonMoved() {
    if (!chainsWait) {
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
      switch (chore) {
        case Chore.PurgeGhost(KeyRef ref) -> purge(ref);
        case Chore.FreeChain chain -> free(chain);
      }
    } catch (EngineHaltedException e) {
      stop(); // whoever comes next gets the error; the transaction that ended before has its result
    } catch (RuntimeException e) {
      // The ghost stays until its page needs space, the chain until the store is opened again:
      // nothing is lost, so the store goes on.
      LOG.log(System.Logger.Level.WARNING, "housekeeping left something for later: " + chore, e);
    } finally {
      atWork.unlock();
    }
  }

  private void purge(KeyRef ref) {
    @Nullable BTree tree = catalog.byId(ref.treeId());
    if (tree != null) {
      tree.purge(ref.key());
    }
  }

  private void free(Chore.FreeChain chain) {
    if (horizon.passed(chain.stamp())) {
      pendingFree.free(chain.key());
      return;
    }
    lock.lock();
    try {
      chores.add(chain);
    } finally {
      lock.unlock();
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
