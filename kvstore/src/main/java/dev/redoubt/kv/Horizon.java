package dev.redoubt.kv;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Which transactions are open, so that a chain of pages that a commit replaced is freed only when
 * nobody who could have seen its reference is left. Thread-safe.
 */
final class Horizon {
  private final AtomicLong clock = new AtomicLong();
  private final ConcurrentHashMap<Long, Boolean> open = new ConcurrentHashMap<>();

  /** Registers a transaction; the stamp returned is given to {@link #leave}. */
  long enter() {
    long stamp = clock.incrementAndGet();
    open.put(stamp, Boolean.TRUE);
    return stamp;
  }

  void leave(long stamp) {
    open.remove(stamp);
  }

  /** A stamp later than every transaction registered so far. */
  long stamp() {
    return clock.incrementAndGet();
  }

  /** Whether every transaction registered before {@code stamp} has left. */
  boolean passed(long stamp) {
    for (Long each : open.keySet()) {
      if (each < stamp) {
        return false;
      }
    }
    return true;
  }

  int openTransactions() {
    return open.size();
  }
}
