package dev.redoubt.kv;

import dev.redoubt.io.StorageException;
import dev.redoubt.recovery.TransactionDoomedException;
import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import org.jspecify.annotations.Nullable;

/**
 * Whether a read-write transaction may be used, and that one thread at a time uses it (store rule
 * 19). All but {@link #enter}, {@link #enterToEnd} and {@link #awaitToEnd} is called by the user
 * that is inside.
 */
@SuppressWarnings("serial") // nobody writes it out
final class Lifecycle extends AbstractQueuedSynchronizer {
  private enum Phase {
    OPEN,
    /** A conflict was met, or something could not be undone: it can only be rolled back. */
    DOOMED,
    /** It awaits its decision, which is not its user's. */
    PREPARED,
    ENDED
  }

  private final long id;

  /** Whether it runs the closure of {@code Store.write}, which ends it. */
  private final boolean ofClosure;

  private Phase phase = Phase.OPEN;
  private @Nullable StorageException doom;

  /** A stream of the user's is being read; the user's. */
  private boolean streaming;

  /** The engine or the closing store comes in to end it: whoever finds it inside waits for it. */
  private volatile boolean endComes;

  Lifecycle(long id, boolean ofClosure) {
    this.id = id;
    this.ofClosure = ofClosure;
  }

  boolean isOfClosure() {
    return ofClosure;
  }

  /**
   * Its user is about to end it by hand.
   *
   * @throws IllegalStateException if its closure ends it; nothing has changed
   */
  void requireByHand() {
    if (ofClosure) {
      throw new IllegalStateException(
          "a closure ends its transaction: return to commit, throw to roll back; one that is begun"
              + " by beginWrite() is ended by hand");
    }
  }

  /**
   * An operation begins; {@link #leave} ends it.
   *
   * @throws IllegalStateException if another thread is inside
   * @throws StorageException if the transaction has ended or is doomed
   */
  void enter(Store store) {
    enterToEnd();
    boolean ok = false;
    try {
      store.checkOpen();
      switch (phase) {
        case OPEN -> {}
        case DOOMED -> throw doomed();
        case PREPARED -> throw prepared();
        case ENDED -> throw over();
      }
      ok = true;
    } finally {
      if (!ok) {
        leave();
      }
    }
  }

  /** The same for what ends it, which is allowed in every phase. */
  void enterToEnd() {
    if (!tryEnter()) {
      if (!endComes) {
        throw new IllegalStateException(
            "transaction " + id + " is being used by another thread at this moment");
      }
      super.acquire(1);
    }
    if (streaming) {
      leave();
      throw new IllegalStateException(
          "transaction " + id + " is putting the value of a stream, which must not use it");
    }
  }

  /** From now on the user's thread is in code of the user's, in the middle of an operation. */
  void streaming(boolean now) {
    streaming = now;
  }

  /** The same for the closing store, which waits for the operation inside. */
  void awaitToEnd() {
    endComes = true;
    super.acquire(1);
  }

  /**
   * The same for the engine, which waits for nobody; false if anyone is inside, this thread too.
   */
  boolean enterIfNobodyIs() {
    endComes = true;
    return getExclusiveOwnerThread() != Thread.currentThread() && tryEnter();
  }

  void leave() {
    super.release(1);
  }

  /** The user's thread may come in again, as with a ReentrantLock: the state counts. */
  private boolean tryEnter() {
    Thread me = Thread.currentThread();
    if (super.compareAndSetState(0, 1)) {
      setExclusiveOwnerThread(me);
      return true;
    }
    if (getExclusiveOwnerThread() != me) {
      return false;
    }
    super.setState(super.getState() + 1);
    return true;
  }

  @Override
  protected boolean tryAcquire(int once) {
    return tryEnter();
  }

  @Override
  protected boolean tryRelease(int once) {
    if (getExclusiveOwnerThread() != Thread.currentThread()) {
      throw new IllegalMonitorStateException();
    }
    boolean free = super.getState() == 1;
    if (free) {
      setExclusiveOwnerThread(null);
    }
    super.setState(super.getState() - 1);
    return free;
  }

  boolean hasEnded() {
    return phase == Phase.ENDED;
  }

  /** Whether its user may end it: it has not ended, and awaits no decision. */
  boolean isOpen() {
    return phase != Phase.ENDED && phase != Phase.PREPARED;
  }

  /**
   * Its user wants to roll it back, which the engine may have done before.
   *
   * @throws ClosedException if its user has ended it, or its decision is awaited
   */
  void requireNotEnded() {
    if (phase == Phase.PREPARED) {
      throw prepared();
    }
    if (hasEnded() && !endedByEngine()) {
      throw over();
    }
  }

  /** It has been handed over to whoever decides. */
  void handedOver() {
    phase = Phase.PREPARED;
  }

  /** Why its user cannot go on with it. */
  ClosedException prepared() {
    return new ClosedException(
        "transaction "
            + id
            + " has been prepared; decide it with Store.commitPrepared or rollbackPrepared");
  }

  void ended() {
    phase = Phase.ENDED;
  }

  /** From now on it can only be rolled back. */
  void doom(StorageException why) {
    phase = Phase.DOOMED;
    doom = why;
  }

  /** Whether the engine rolled it back on its own account. */
  boolean endedByEngine() {
    return hasEnded() && doom instanceof TransactionDoomedException;
  }

  private StorageException over() {
    return endedByEngine()
        ? doomed()
        : new ClosedException("transaction " + id + " has ended; begin another one");
  }

  private StorageException doomed() {
    String name = "transaction " + id;
    return switch (doom) {
      case TransactionDoomedException byEngine -> byEngine.again();
      case ConflictException conflict -> conflict.again(name);
      case SnapshotTooOldException old -> old;
      case null, default ->
          new ClosedException(name + " could not be undone in part; roll it back. Cause: " + doom);
    };
  }
}
