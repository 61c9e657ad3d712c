package dev.redoubt.kv;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A transaction's place in the graph of waits; guarded by the graph's lock but for the volatiles.
 */
final class Waiting {
  /** The owner this transaction waits for; null while it does not wait. */
  @Nullable WriteTransaction waitsFor;

  /** Whether its wait is not to go on: it was chosen to resolve a deadlock, or the store closes. */
  boolean refused;

  /** Whom it lost against when it met a conflict; its work is run again after that one's end. */
  @Nullable WriteTransaction lostAgainst;

  /** Whether it has ended and owns nothing any more, or nobody can wait for it after a halt. */
  volatile boolean ended;

  /** Whether anybody has ever waited for it: set before looking whether it has ended. */
  volatile boolean contended;

  /** Those who wait for this transaction; made when the first does. */
  private volatile List<WriteTransaction> waiters = List.of();

  private @Nullable Condition changed;

  List<WriteTransaction> waiters() {
    return waiters;
  }

  void addWaiter(WriteTransaction waiter) {
    if (waiters.isEmpty()) {
      waiters = new ArrayList<>();
    }
    waiters.add(waiter);
  }

  void removeWaiter(WriteTransaction waiter) {
    if (!waiters.isEmpty()) {
      waiters.remove(waiter);
    }
  }

  void forgetWaiters() {
    waiters = List.of();
  }

  /** Signalled when the wait is over; made on the first wait. */
  Condition changed(ReentrantLock waitLock) {
    Condition condition = changed;
    if (condition == null) {
      condition = waitLock.newCondition();
      changed = condition;
    }
    return condition;
  }
}
