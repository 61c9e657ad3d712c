package dev.redoubt.demo.show;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.redoubt.demo.show.Announcement.What;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * What the child processes have announced, over all of them. Thread-safe: one thread adds, another
 * waits.
 */
final class Tally {
  /**
   * A moment of it.
   *
   * @param acknowledged transactions whose commit has returned, of all children
   * @param acknowledgedEntries cities in them
   * @param rolledBack transactions rolled back on purpose, of all children
   * @param inFlight transactions begun and not ended, of this child
   * @param largeEntries put by the large transaction, of this child
   * @param acknowledgedSinceLarge commits since the large one had put all its entries
   * @param checkpoints taken, of this child
   * @param undone records undone so far by a restart that announces it
   * @param done whether this child has finished
   * @param ended whether its output has come to its end
   */
  record Moment(
      int acknowledged,
      long acknowledgedEntries,
      int rolledBack,
      int inFlight,
      long largeEntries,
      int acknowledgedSinceLarge,
      int checkpoints,
      long undone,
      boolean done,
      boolean ended) {}

  private final Plan plan;
  private final ReentrantLock latch = new ReentrantLock();
  private final Condition changed = latch.newCondition();

  @GuardedBy("latch")
  private final Set<Integer> acknowledged = new HashSet<>();

  @GuardedBy("latch")
  private final Set<Integer> inFlight = new HashSet<>();

  @GuardedBy("latch")
  private Moment now = new Moment(0, 0, 0, 0, 0, 0, 0, 0, false, false);

  Tally(Plan plan) {
    this.plan = plan;
  }

  /** A new child: what counts per child begins anew. */
  void newChild() {
    latch.lock();
    try {
      inFlight.clear();
      now =
          new Moment(
              now.acknowledged,
              now.acknowledgedEntries,
              now.rolledBack,
              0,
              0,
              0,
              0,
              0,
              false,
              false);
    } finally {
      latch.unlock();
    }
  }

  void add(Announcement announcement) {
    latch.lock();
    try {
      int number = (int) announcement.number();
      switch (announcement.what()) {
        case BEGUN -> inFlight.add(number);
        case ACKNOWLEDGED -> {
          acknowledged.add(number);
          inFlight.remove(number);
        }
        case ROLLED_BACK -> inFlight.remove(number);
        case LARGE_OPEN, CHECKPOINT, UNDOING, DONE -> {}
      }
      now = after(announcement);
      changed.signalAll();
    } finally {
      latch.unlock();
    }
  }

  /** The child's output has come to its end. */
  void ended() {
    latch.lock();
    try {
      now =
          new Moment(
              now.acknowledged,
              now.acknowledgedEntries,
              now.rolledBack,
              now.inFlight,
              now.largeEntries,
              now.acknowledgedSinceLarge,
              now.checkpoints,
              now.undone,
              now.done,
              true);
      changed.signalAll();
    } finally {
      latch.unlock();
    }
  }

  @GuardedBy("latch")
  private Moment after(Announcement announcement) {
    int number = (int) announcement.number();
    boolean ack = announcement.what() == What.ACKNOWLEDGED;
    boolean largeComplete = now.largeEntries == plan.transactions().getFirst().size();
    return new Moment(
        acknowledged.size(),
        now.acknowledgedEntries + (ack ? plan.transactions().get(number).size() : 0),
        now.rolledBack + (announcement.what() == What.ROLLED_BACK ? 1 : 0),
        inFlight.size(),
        announcement.what() == What.LARGE_OPEN ? number : now.largeEntries,
        now.acknowledgedSinceLarge + (ack && largeComplete ? 1 : 0),
        now.checkpoints + (announcement.what() == What.CHECKPOINT ? 1 : 0),
        announcement.what() == What.UNDOING ? announcement.number() : now.undone,
        now.done || announcement.what() == What.DONE,
        now.ended);
  }

  Moment now() {
    latch.lock();
    try {
      return now;
    } finally {
      latch.unlock();
    }
  }

  /** Numbers of all transactions whose commit was acknowledged. */
  Set<Integer> acknowledged() {
    latch.lock();
    try {
      return new HashSet<>(acknowledged);
    } finally {
      latch.unlock();
    }
  }

  /** Waits until {@code condition} holds, but at most {@code millis}; returns the moment then. */
  Moment await(Predicate<Moment> condition, long millis) throws InterruptedException {
    latch.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(millis);
      while (!condition.test(now) && left > 0) {
        left = changed.awaitNanos(left);
      }
      return now;
    } finally {
      latch.unlock();
    }
  }
}
