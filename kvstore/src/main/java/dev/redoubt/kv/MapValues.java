package dev.redoubt.kv;

import java.util.AbstractCollection;
import java.util.Iterator;
import java.util.Spliterator;
import org.jspecify.annotations.Nullable;

/** The values of a map view, as a view. Thread-safe. */
final class MapValues<K, V> extends AbstractCollection<V> {
  private final StoreMap<K, V> map;

  MapValues(StoreMap<K, V> map) {
    this.map = map;
  }

  @Override
  public int size() {
    return map.size();
  }

  @Override
  public boolean isEmpty() {
    return map.isEmpty();
  }

  @Override
  public boolean contains(@Nullable Object value) {
    return map.containsValue(value);
  }

  @Override
  public void clear() {
    map.clear();
  }

  @Override
  public Iterator<V> iterator() {
    return map.valueIterator();
  }

  @Override
  public Spliterator<V> spliterator() {
    return map.valueIterator().spliterator(0, null);
  }
}
