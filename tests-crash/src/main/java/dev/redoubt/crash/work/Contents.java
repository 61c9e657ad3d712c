package dev.redoubt.crash.work;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Committed keys and values, and what is in doubt; never changed. Prints long values as their
 * beginning and a hash. Equal if the entries are and the names of those in doubt: what these would
 * change cannot be seen.
 *
 * @param entries committed
 * @param inDoubt changes of prepared transactions by name; an empty value removes the key
 */
public record Contents(
    SortedMap<Integer, String> entries, SortedMap<String, SortedMap<Integer, String>> inDoubt) {
  private static final int SHOWN = 12;

  public Contents {
    entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
    inDoubt = Collections.unmodifiableSortedMap(new TreeMap<>(inDoubt));
  }

  /** Nothing is in doubt. */
  public Contents(SortedMap<Integer, String> entries) {
    this(entries, Collections.emptySortedMap());
  }

  /** With another entry, or another value of it. */
  Contents with(int key, String value) {
    TreeMap<Integer, String> after = new TreeMap<>(entries);
    after.put(key, value);
    return new Contents(after, inDoubt);
  }

  /** With another transaction in doubt. */
  Contents prepared(String name, SortedMap<Integer, String> changes) {
    TreeMap<String, SortedMap<Integer, String>> more = new TreeMap<>(inDoubt);
    more.put(name, changes);
    return new Contents(entries, more);
  }

  /** With the changes of one in doubt, or without them. */
  Contents decided(String name, boolean commit) {
    TreeMap<String, SortedMap<Integer, String>> fewer = new TreeMap<>(inDoubt);
    SortedMap<Integer, String> changes = fewer.remove(name);
    if (!commit || changes == null) {
      return new Contents(entries, fewer);
    }
    return new Contents(with(entries, changes), fewer);
  }

  /** Entries with changes in which an empty value removes the key. */
  static TreeMap<Integer, String> with(
      SortedMap<Integer, String> entries, SortedMap<Integer, String> changes) {
    TreeMap<Integer, String> after = new TreeMap<>(entries);
    changes.forEach(
        (key, value) -> {
          if (value.isEmpty()) {
            after.remove(key);
          } else {
            after.put(key, value);
          }
        });
    return after;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Contents that
        && entries.equals(that.entries)
        && inDoubt.keySet().equals(that.inDoubt.keySet());
  }

  @Override
  public int hashCode() {
    return entries.hashCode() * 31 + inDoubt.keySet().hashCode();
  }

  /** Nothing. */
  public static Contents empty() {
    return new Contents(new TreeMap<>());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    entries.forEach((key, value) -> text.append(key).append('=').append(brief(value)).append(' '));
    text.append('}');
    return inDoubt.isEmpty()
        ? text.toString()
        : text.append(" in doubt ").append(inDoubt.keySet()).toString();
  }

  private static String brief(String value) {
    return value.length() <= SHOWN
        ? value
        : value.substring(0, SHOWN) + "~" + Integer.toHexString(value.hashCode());
  }
}
