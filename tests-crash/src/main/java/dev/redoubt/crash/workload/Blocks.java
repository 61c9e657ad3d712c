package dev.redoubt.crash.workload;

import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Unique numbers, and keys that are in use for a while: after so many numbers for each key come new
 * keys, so that no list grows without end and keys that do not exist yet are read again and again.
 */
final class Blocks {
  private final AtomicLong numbers = new AtomicLong();
  private final String prefix;
  private final int keys;
  private final int numbersPerKey;

  Blocks(String prefix, int keys, int numbersPerKey) {
    this.prefix = prefix;
    this.keys = keys;
    this.numbersPerKey = numbersPerKey;
  }

  /** A number that was never given before; 1 first. */
  long number() {
    return numbers.incrementAndGet();
  }

  /** The block in use now. */
  long block() {
    return numbers.get() / ((long) keys * numbersPerKey);
  }

  /** One of the keys in use. */
  String key(RandomGenerator random) {
    return key(block(), random.nextInt(keys));
  }

  String key(long block, int number) {
    return String.format("%s%06d.%03d", prefix, block, number);
  }

  /** The key behind the last one of a block. */
  String end(long block) {
    return String.format("%s%06d.~", prefix, block);
  }

  int keys() {
    return keys;
  }
}
