package dev.redoubt.benchmarks;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The data of all figures: 16-byte keys spread over the whole key space, 100-byte values that do
 * not compress, and who is asked for how often.
 */
final class Keys {
  static final int KEY_BYTES = 16;
  static final int VALUE_BYTES = 100;

  private static final int VALUES = 4096;
  private static final byte[][] VALUE_POOL = values();
  private static final int ZIPF_DRAWS = 1 << 20;
  // YCSB's constant.
  private static final double ZIPF_THETA = 0.99;

  private Keys() {}

  /** Key number {@code n}; a bijection, in no order. */
  static byte[] key(long n) {
    return ByteBuffer.allocate(KEY_BYTES).putLong(mix(n)).putLong(n).array();
  }

  /** Key number {@code n}, above all with a lower number. */
  static byte[] inOrder(long n) {
    return ByteBuffer.allocate(KEY_BYTES).putLong(0).putLong(n).array();
  }

  static byte[] value(SplittableRandom random) {
    return VALUE_POOL[random.nextInt(VALUES)];
  }

  /** A value of decimal digits: a compressor halves it. */
  static byte[] digits(SplittableRandom random) {
    byte[] value = value(random).clone();
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) ('0' + (value[i] & 0xff) % 10);
    }
    return value;
  }

  /** The first {@code count} keys in key order. */
  static byte[][] sorted(int count) {
    byte[][] keys = new byte[count][];
    Arrays.setAll(keys, Keys::key);
    Arrays.sort(keys, Arrays::compareUnsigned);
    return keys;
  }

  /** Draws from {@code count} numbers by Zipf's law, the frequent ones spread over all. */
  static int[] zipf(int count) {
    double[] cumulative = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += 1 / Math.pow(i + 1.0, ZIPF_THETA);
      cumulative[i] = sum;
    }
    SplittableRandom random = new SplittableRandom(99);
    int[] spread = shuffled(count, random);
    int[] draws = new int[ZIPF_DRAWS];
    for (int i = 0; i < draws.length; i++) {
      int found = Arrays.binarySearch(cumulative, random.nextDouble() * sum);
      int rank = found < 0 ? -found - 1 : found;
      draws[i] = spread[Math.min(rank, count - 1)];
    }
    return draws;
  }

  /** The numbers below {@code count} in random order. */
  static int[] shuffled(int count, SplittableRandom random) {
    int[] order = new int[count];
    Arrays.setAll(order, i -> i);
    for (int i = count - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
    return order;
  }

  private static byte[][] values() {
    SplittableRandom random = new SplittableRandom(7);
    byte[][] values = new byte[VALUES][VALUE_BYTES];
    for (byte[] each : values) {
      random.nextBytes(each);
    }
    return values;
  }

  // The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
  private static long mix(long n) {
    long z = (n + 1) * 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
