package dev.redoubt.buffer;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where those who wait for a latch sleep. A few queues serve all frames; a sleeper that is woken
 * for another frame's sake looks and sleeps on. Thread-safe.
 *
 * <p>No wake-up is lost: a sleeper marks the latch while it is seen to be held, and does so under
 * this lock; a holder that lets go and sees the mark takes this lock before it signals.
 */
final class LatchQueue {
  /** Outcome of one look at the latch. */
  enum Attempt {
    TAKEN,
    AGAIN,
    SLEEP,
    GONE
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition released = lock.newCondition();

  /** Sleeps until the latch is taken (true) or its frame holds another page (false). */
  boolean sleepUntil(VersionLatch latch, long wanted, boolean exclusive) {
    if (takeOrGiveUp(latch, wanted, exclusive)) {
      return latch.confirm(wanted, exclusive);
    }
    return false;
  }

  private boolean takeOrGiveUp(VersionLatch latch, long wanted, boolean exclusive) {
    lock.lock();
    boolean settled = false;
    try {
      for (; ; ) {
        switch (latch.attempt(wanted, exclusive)) {
          case TAKEN -> {
            settled = true;
            return true;
          }
          case GONE -> {
            return false;
          }
          case SLEEP -> released.awaitUninterruptibly();
          case AGAIN -> {}
        }
      }
    } finally {
      if (!settled) {
        // Gone, or out of memory: the marks may be this sleeper's. The others renew theirs.
        latch.clearAllMarks();
        released.signalAll();
      }
      lock.unlock();
    }
  }

  void wakeAll(VersionLatch latch, long marks) {
    lock.lock();
    try {
      latch.clearMarks(marks);
      released.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
