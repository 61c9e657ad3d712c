package dev.redoubt.recovery;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which transaction owns which bytes of a recoverable memory until it ends (rule 21). Thread-safe.
 */
final class RangeOwnership {
  private final String memory;

  // Short; never held while anything else is waited for.
  private final ReentrantLock rangesLatch = new ReentrantLock();
  private final TreeMap<Long, Owned> byStart = new TreeMap<>();
  private final Set<Long> owners = new HashSet<>();

  private record Owned(long end, long transactionId) {}

  RangeOwnership(String memory) {
    this.memory = memory;
  }

  /**
   * Claims the bytes from {@code from} to before {@code to}.
   *
   * @return whether this is the transaction's first claim
   * @throws RangeConflictException if any of them is another's; nothing is claimed then
   */
  boolean claim(long transactionId, long from, long to) {
    rangesLatch.lock();
    try {
      long start = from;
      long end = to;
      Map.Entry<Long, Owned> before = byStart.floorEntry(from);
      long first = before != null && before.getValue().end() > from ? before.getKey() : from;
      for (Map.Entry<Long, Owned> range : byStart.subMap(first, to).entrySet()) {
        if (range.getValue().transactionId() != transactionId) {
          throw new RangeConflictException(memory, from, to, range.getValue().transactionId());
        }
        start = Math.min(start, range.getKey());
        end = Math.max(end, range.getValue().end());
      }
      byStart.subMap(first, to).clear();
      byStart.put(start, new Owned(end, transactionId));
      return owners.add(transactionId);
    } finally {
      rangesLatch.unlock();
    }
  }

  /** Gives up everything that the transaction owns. */
  void release(long transactionId) {
    rangesLatch.lock();
    try {
      byStart.values().removeIf(owned -> owned.transactionId() == transactionId);
      owners.remove(transactionId);
    } finally {
      rangesLatch.unlock();
    }
  }
}
