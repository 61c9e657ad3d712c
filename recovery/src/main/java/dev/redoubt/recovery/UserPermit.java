package dev.redoubt.recovery;

import java.util.concurrent.locks.AbstractQueuedSynchronizer;
import org.jspecify.annotations.Nullable;

/**
 * Who uses a transaction: one at a time, refused rather than waited for; and the word of the engine
 * that it is doomed. Not bound to a thread. Closing it is leaving, for who came in as a user.
 * Thread-safe.
 */
@SuppressWarnings("serial") // nobody writes it out
final class UserPermit extends AbstractQueuedSynchronizer implements AutoCloseable {
  private static final int FREE = 0;
  private static final int TAKEN = 1;

  private final Transaction transaction;
  private volatile @Nullable String doom;

  /** Of one that is prepared; guarded by the permit. */
  private long leastUndoBytes;

  UserPermit(Transaction transaction) {
    this.transaction = transaction;
  }

  /** Why the transaction is doomed; null if it is not. Set before the engine comes in. */
  @Nullable String doom() {
    return doom;
  }

  void doom(String why) {
    if (doom == null) {
      doom = why;
    }
  }

  /**
   * Comes in; {@code patiently} after whoever is inside.
   *
   * @throws TransactionDoomedException if the engine is inside, to roll it back
   * @throws IllegalStateException if another user is
   */
  void enter(boolean patiently) {
    if (patiently) {
      await();
    } else if (!tryEnter()) {
      throw refused();
    }
  }

  /** Comes in to end the transaction: the engine that rolls it back is waited for. */
  void enterToEnd(boolean patiently) {
    if (!tryEnter()) {
      if (doom == null && !patiently) {
        throw refused();
      }
      await();
    }
  }

  /** Comes in after whoever is inside. */
  void await() {
    super.acquire(TAKEN);
  }

  /** Whether anybody waits to come in. */
  boolean isAwaited() {
    return super.hasQueuedThreads();
  }

  /** Log that copying its undo forward takes, as far as it has been counted. */
  long leastUndoBytes() {
    return leastUndoBytes;
  }

  void leastUndoBytes(long bytes) {
    leastUndoBytes = bytes;
  }

  boolean tryEnter() {
    return super.compareAndSetState(FREE, TAKEN);
  }

  void leave() {
    super.release(TAKEN);
  }

  @Override
  public void close() {
    leave();
    if (doom != null) {
      transaction.services().cap().moved();
    }
  }

  @Override
  protected boolean tryAcquire(int to) {
    return tryEnter();
  }

  @Override
  protected boolean tryRelease(int from) {
    super.setState(FREE);
    return true;
  }

  private RuntimeException refused() {
    String why = doom;
    return why != null
        ? new TransactionDoomedException(why)
        : new IllegalStateException(
            "transaction " + transaction.id() + " is in use by another thread; one user at a time");
  }
}
