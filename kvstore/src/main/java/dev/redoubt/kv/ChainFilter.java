package dev.redoubt.kv;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * How many keys with a version chain fall into each of many buckets, so that a reader of a key
 * without one learns that from a single volatile read. Thread-safe.
 */
final class ChainFilter {
  private static final int BUCKETS = 1 << 14;

  private final AtomicIntegerArray counts = new AtomicIntegerArray(BUCKETS);

  /** Comes before the chain can be found. */
  void add(int hash) {
    counts.incrementAndGet(bucket(hash));
  }

  /** Comes after the chain has gone. */
  void remove(int hash) {
    counts.decrementAndGet(bucket(hash));
  }

  boolean mayContain(int hash) {
    return counts.get(bucket(hash)) != 0;
  }

  private static int bucket(int hash) {
    return (hash * 0x9E3779B9) >>> 18;
  }
}
