package dev.redoubt.kv;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A transaction's place in the graph of waits, made when it or somebody who waits for it comes
 * there first; guarded by the graph's lock but for the volatiles.
 */
final class Waiting {
  /** The owner whose end wakes this transaction; null while it does not wait. */
  @Nullable WriteTransaction waitsFor;

  /**
   * Tells who else must end before it can go on; asked whenever somebody looks for a deadlock,
   * since owners come and go while it waits.
   */
  private Supplier<List<WriteTransaction>> others = List::of;

  /** Whether its wait is not to go on: it was chosen to resolve a deadlock, or the store closes. */
  boolean refused;

  /** Whom it lost against when it met a conflict; its work is run again after that one's end. */
  @Nullable WriteTransaction lostAgainst;

  /** Whether anybody has ever waited for it: set before looking whether it has ended. */
  volatile boolean contended;

  /** Those who wait for this transaction; made when the first does. */
  private volatile List<WriteTransaction> waiters = List.of();

  private @Nullable Condition changed;

  /** It waits from now on. */
  void begin(WriteTransaction owner, Supplier<List<WriteTransaction>> alsoFor) {
    waitsFor = owner;
    others = alsoFor;
  }

  /** Everyone whose end it waits for; only while it waits. */
  List<WriteTransaction> edges() {
    List<WriteTransaction> edges = new ArrayList<>(others.get());
    edges.add(Objects.requireNonNull(waitsFor));
    return edges;
  }

  /** It waits no more. */
  void end() {
    waitsFor = null;
    others = List::of;
  }

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
