package dev.redoubt.kv;

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
}
