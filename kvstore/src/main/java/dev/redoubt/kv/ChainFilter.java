package dev.redoubt.kv;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many keys with a version chain fall into each of many buckets, so that a reader of a key
 * without one learns that from a single volatile read. Thread-safe.
 */
final class ChainFilter {
  private static final int BUCKETS = 1 << 14;

  private final AtomicIntegerArray counts = new AtomicIntegerArray(BUCKETS);

  /** How often a chain was added, and how often one was removed. Both only grow. */
  private final LongAdder added = new LongAdder();

  private final LongAdder removed = new LongAdder();

  /** Comes before the chain can be found. */
  void add(int hash) {
    added.increment();
    counts.incrementAndGet(bucket(hash));
  }

  /** Comes after the chain has gone. */
  void remove(int hash) {
    counts.decrementAndGet(bucket(hash));
    removed.increment();
  }

  /**
   * Whether there is no chain at all. Right for a chain that is there from before the call until
   * its end: what was removed is counted first, what was added second, so that every removal that
   * counts has its addition counted, too, and the chain's own is one more. <em>Counted the other
   * way round, or as one sum, a chain that comes and goes meanwhile hides another that stays.</em>
   */
  boolean isEmpty() {
    long gone = removed.sum();
    return added.sum() == gone;
  }

  boolean mayContain(int hash) {
    return counts.get(bucket(hash)) != 0;
  }

  private static int bucket(int hash) {
    return (hash * 0x9E3779B9) >>> 18;
  }
}
