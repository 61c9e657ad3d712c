package dev.redoubt.kv;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Spliterator;
import org.jspecify.annotations.Nullable;

/** The entries of a map view, as a view; {@code setValue} writes through. Thread-safe. */
final class MapEntries<K, V> extends AbstractSet<Map.Entry<K, V>> {
  private final StoreMap<K, V> map;

  MapEntries(StoreMap<K, V> map) {
    this.map = map;
  }

  /** An entry as it was when it was met. */
  static final class Met<K, V> extends AbstractMap.SimpleEntry<K, V> {
    private static final long serialVersionUID = 1L;

    private final transient StoreMap<K, V> map;

    Met(StoreMap<K, V> map, K key, V value) {
      super(key, value);
      this.map = map;
    }

    @Override
    public V setValue(V value) {
      map.put(getKey(), value);
      return super.setValue(value);
    }
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
  public boolean contains(@Nullable Object entry) {
    return entry instanceof Map.Entry<?, ?> e
        && e.getKey() != null
        && e.getValue() != null
        && map.has(e.getKey(), e.getValue());
  }

  @Override
  public boolean remove(@Nullable Object entry) {
    return entry instanceof Map.Entry<?, ?> e
        && e.getKey() != null
        && e.getValue() != null
        && map.remove(e.getKey(), e.getValue());
  }

  @Override
  public void clear() {
    map.clear();
  }

  @Override
  public Iterator<Map.Entry<K, V>> iterator() {
    return map.entryIterator();
  }

  @Override
  public Spliterator<Map.Entry<K, V>> spliterator() {
    return map.entryIterator().spliterator(Spliterator.DISTINCT, null);
  }
}
