package dev.redoubt.crash.differential;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A sorted map, its undo, and nothing else: what all others are compared with. */
public final class MapStore implements OrderedStore {
  private record Before(String key, @Nullable String value) {}

  // Of the keys used here, in the basic plane and without surrogates, the order is that of UTF-8.
  private final NavigableMap<String, String> entries = new TreeMap<>();
  private final List<Before> undo = new ArrayList<>();
  private final Deque<Integer> savepoints = new ArrayDeque<>();

  /** Empty. */
  public MapStore() {}

  @Override
  public String name() {
    return "TreeMap";
  }

  @Override
  public void begin() {
    undo.clear();
    savepoints.clear();
  }

  @Override
  public void commit() {
    begin();
  }

  @Override
  public void rollback() {
    undoTo(0);
    begin();
  }

  private void undoTo(int size) {
    while (undo.size() > size) {
      Before before = undo.removeLast();
      if (before.value() == null) {
        entries.remove(before.key());
      } else {
        entries.put(before.key(), before.value());
      }
    }
  }

  @Override
  public @Nullable String get(String key) {
    return entries.get(key);
  }

  @Override
  public void put(String key, String value) {
    undo.add(new Before(key, entries.put(key, value)));
  }

  @Override
  public void remove(String key) {
    undo.add(new Before(key, entries.remove(key)));
  }

  @Override
  public List<Map.Entry<String, String>> range(
      String from, String to, boolean descending, int limit) {
    if (from.compareTo(to) >= 0) {
      return List.of();
    }
    NavigableMap<String, String> range = entries.subMap(from, true, to, false);
    return (descending ? range.descendingMap() : range)
        .entrySet().stream().limit(limit).map(e -> Map.entry(e.getKey(), e.getValue())).toList();
  }

  @Override
  public Map.@Nullable Entry<String, String> neighbour(Neighbour which, String key) {
    Map.Entry<String, String> found =
        switch (which) {
          case LOWER -> entries.lowerEntry(key);
          case FLOOR -> entries.floorEntry(key);
          case CEILING -> entries.ceilingEntry(key);
          case HIGHER -> entries.higherEntry(key);
        };
    return found == null ? null : Map.entry(found.getKey(), found.getValue());
  }

  @Override
  public void savepoint() {
    savepoints.push(undo.size());
  }

  @Override
  public void rollbackToSavepoint() {
    undoTo(savepoints.pop());
  }

  @Override
  public void reopen() {}

  @Override
  public void close() {}
}
