package dev.redoubt.kv;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A range of keys; null bounds are open ends. */
public record KeyRange<K>(
    @Nullable K from, boolean fromInclusive, @Nullable K to, boolean toInclusive) {
  public static <K> KeyRange<K> all() {
    return new KeyRange<>(null, true, null, false);
  }

  public static <K> KeyRange<K> atLeast(K from) {
    return new KeyRange<>(from, true, null, false);
  }

  public static <K> KeyRange<K> greaterThan(K from) {
    return new KeyRange<>(from, false, null, false);
  }

  public static <K> KeyRange<K> lessThan(K to) {
    return new KeyRange<>(null, true, to, false);
  }

  public static <K> KeyRange<K> atMost(K to) {
    return new KeyRange<>(null, true, to, true);
  }

  /** From {@code from}, included, to {@code to}, left out. */
  public static <K> KeyRange<K> between(K from, K to) {
    return new KeyRange<>(from, true, to, false);
  }

  /** From {@code from} to {@code to}, both included. */
  public static <K> KeyRange<K> closed(K from, K to) {
    return new KeyRange<>(from, true, to, true);
  }

  /** All texts that start with {@code prefix}. */
  public static KeyRange<String> startingWith(String prefix) {
    return new KeyRange<>(prefix, true, after(prefix), false);
  }

  /** All byte strings that start with {@code prefix}. */
  public static KeyRange<byte[]> startingWith(byte[] prefix) {
    return new KeyRange<>(prefix.clone(), true, after(prefix), false);
  }

  /** The smallest text above all that start with {@code prefix}; null if there is none. */
  private static @Nullable String after(String prefix) {
    int[] points = prefix.codePoints().toArray();
    for (int i = points.length - 1; i >= 0; i--) {
      if (points[i] < Character.MAX_CODE_POINT) {
        int next = points[i] + 1;
        // Surrogates are no characters of UTF-8.
        points[i] = next == Character.MIN_SURROGATE ? Character.MAX_SURROGATE + 1 : next;
        return new String(points, 0, i + 1);
      }
    }
    return null;
  }

  private static byte @Nullable [] after(byte[] prefix) {
    for (int i = prefix.length - 1; i >= 0; i--) {
      if (prefix[i] != (byte) 0xff) {
        byte[] after = Arrays.copyOf(prefix, i + 1);
        after[i]++;
        return after;
      }
    }
    return null;
  }
}
