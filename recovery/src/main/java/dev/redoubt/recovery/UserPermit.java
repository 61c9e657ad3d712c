package dev.redoubt.recovery;

import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Who uses a transaction: one at a time, refused rather than waited for; and the word of the engine
 * that it is doomed. Not bound to a thread. Thread-safe.
 */
final class UserPermit {
  private final long transactionId;
  private final Semaphore permit = new Semaphore(1);
  private volatile @Nullable String doom;

  /** Of one that is prepared; guarded by the permit. */
  private long leastUndoBytes;

  UserPermit(long transactionId) {
    this.transactionId = transactionId;
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
    } else if (!permit.tryAcquire()) {
      throw refused();
    }
  }

  /** Comes in to end the transaction: the engine that rolls it back is waited for. */
  void enterToEnd(boolean patiently) {
    if (!permit.tryAcquire()) {
      if (doom == null && !patiently) {
        throw refused();
      }
      permit.acquireUninterruptibly();
    }
  }

  /** Comes in after whoever is inside. */
  void await() {
    permit.acquireUninterruptibly();
  }

  /** Whether anybody waits to come in. */
  boolean isAwaited() {
    return permit.hasQueuedThreads();
  }

  /** Log that copying its undo forward takes, as far as it has been counted. */
  long leastUndoBytes() {
    return leastUndoBytes;
  }

  void leastUndoBytes(long bytes) {
    leastUndoBytes = bytes;
  }

  boolean tryEnter() {
    return permit.tryAcquire();
  }

  void leave() {
    permit.release();
  }

  private RuntimeException refused() {
    String why = doom;
    return why != null
        ? new TransactionDoomedException(why)
        : new IllegalStateException(
            "transaction " + transactionId + " is in use by another thread; one user at a time");
  }
}
