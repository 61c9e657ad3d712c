package dev.redoubt.crash.work;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** Committed keys and values; never changed. Prints long values as their beginning and a hash. */
public record Contents(SortedMap<Integer, String> entries) {
  private static final int SHOWN = 12;

  public Contents {
    entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
  }

  /** Nothing. */
  public static Contents empty() {
    return new Contents(new TreeMap<>());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    entries.forEach((key, value) -> text.append(key).append('=').append(brief(value)).append(' '));
    return text.append('}').toString();
  }

  private static String brief(String value) {
    return value.length() <= SHOWN
        ? value
        : value.substring(0, SHOWN) + "~" + Integer.toHexString(value.hashCode());
  }
}
