package dev.redoubt.kv;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A tree as a map that holds no transaction (store rule 17): each read is a read-only transaction
 * of its own, each write a read-write one that commits with the store's durability. Views of a part
 * of it share everything but the bounds. Thread-safe.
 */
final class StoreMap<K, V> extends DerivedMap<K, V> {
  private final Store store;
  private final TreeDef<K, V> definition;
  private final TreeDef<byte[], byte[]> bytes;
  private final MapBounds bounds;
  private final boolean ascending;

  /** All of a tree. */
  StoreMap(Store store, TreeDef<K, V> definition) {
    this(
        store,
        definition,
        new TreeDef<>(definition.name(), plain(definition.keys()), plain(definition.values())),
        MapBounds.ALL,
        true);
  }

  private StoreMap(
      Store store,
      TreeDef<K, V> definition,
      TreeDef<byte[], byte[]> bytes,
      MapBounds bounds,
      boolean ascending) {
    this.store = store;
    this.definition = definition;
    this.bytes = bytes;
    this.bounds = bounds;
    this.ascending = ascending;
  }

  /** What a codec wrote, as it is; under its name, so that the same tree is meant. */
  private static Codec<byte[]> plain(Codec<?> codec) {
    return new SimpleCodec<byte[]>(
        codec.name(), codec.fixedBytes(), b -> b, b -> b, Arrays::compareUnsigned);
  }

  private StoreMap<K, V> part(MapBounds part, boolean upwards) {
    return new StoreMap<>(store, definition, bytes, part, upwards);
  }

  // Transactions and encodings.

  <R extends @Nullable Object> R read(Function<ReadTree<byte[], byte[]>, R> body) {
    return store.<R, RuntimeException>read(tx -> body.apply(tx.tree(bytes)));
  }

  private <R extends @Nullable Object> R write(Function<Tree<K, V>, R> body) {
    return store.<R, RuntimeException>writeAndGet(tx -> body.apply(tx.tree(definition)));
  }

  private byte[] encode(K key) {
    return RawBytes.encode(
        definition.keys(), Objects.requireNonNull(key, "a key must not be null"));
  }

  @SuppressWarnings("unchecked") // a key of another type is a ClassCastException of its codec
  private byte @Nullable [] encodeWithin(@Nullable Object key) {
    byte[] encoded = encode((K) Objects.requireNonNull(key, "a key must not be null"));
    return bounds.contains(encoded) ? encoded : null;
  }

  /** The key, which must lie within the bounds. */
  private K within(K key) {
    if (!bounds.contains(encode(key))) {
      throw new IllegalArgumentException("the key lies outside of this view: " + key);
    }
    return key;
  }

  private Map.@Nullable Entry<K, V> entry(Map.@Nullable Entry<byte[], byte[]> found) {
    return found == null
        ? null
        : new SimpleImmutableEntry<>(
            definition.keys().decode(found.getKey()), definition.values().decode(found.getValue()));
  }

  // Reading.

  @Override
  public @Nullable V get(@Nullable Object key) {
    byte[] encoded = encodeWithin(key);
    byte[] found = encoded == null ? null : this.<byte @Nullable []>read(tree -> tree.get(encoded));
    return found == null ? null : definition.values().decode(found);
  }

  @Override
  public boolean containsValue(@Nullable Object value) {
    Objects.requireNonNull(value, "a value must not be null");
    return super.containsValue(value);
  }

  /** Whether there is this entry; values are compared as they compare themselves. */
  boolean has(Object key, Object value) {
    return Objects.deepEquals(value, get(key));
  }

  @Override
  public int size() {
    long count = this.<Long>read(tree -> tree.count(bounds.range()));
    return (int) Math.min(Integer.MAX_VALUE, count);
  }

  private Map.@Nullable Entry<K, V> end(boolean first) {
    boolean lowest = first == ascending;
    return entry(this.<Map.@Nullable Entry<byte[], byte[]>>read(tree -> bounds.end(tree, lowest)));
  }

  private Map.@Nullable Entry<K, V> nearest(K key, boolean inclusive, boolean behind) {
    byte[] encoded = encode(key);
    boolean above = behind == ascending;
    return entry(
        this.<Map.@Nullable Entry<byte[], byte[]>>read(
            tree -> bounds.nearest(tree, encoded, inclusive, above)));
  }

  @Override
  public Map.@Nullable Entry<K, V> firstEntry() {
    return end(true);
  }

  @Override
  public Map.@Nullable Entry<K, V> lastEntry() {
    return end(false);
  }

  @Override
  public Map.@Nullable Entry<K, V> lowerEntry(K key) {
    return nearest(key, false, false);
  }

  @Override
  public Map.@Nullable Entry<K, V> floorEntry(K key) {
    return nearest(key, true, false);
  }

  @Override
  public Map.@Nullable Entry<K, V> ceilingEntry(K key) {
    return nearest(key, true, true);
  }

  @Override
  public Map.@Nullable Entry<K, V> higherEntry(K key) {
    return nearest(key, false, true);
  }

  // Writing: each one is atomic.

  @Override
  public @Nullable V put(K key, V value) {
    K checked = within(key);
    Objects.requireNonNull(value, "a value must not be null");
    return this.<@Nullable V>write(
        tree -> {
          V old = tree.getForUpdate(checked);
          tree.put(checked, value);
          return old;
        });
  }

  /** All of them or none. */
  @Override
  public void putAll(Map<? extends K, ? extends V> entries) {
    entries.forEach((key, value) -> within(key));
    this.<Boolean>write(
        tree -> {
          entries.forEach(tree::put);
          return true;
        });
  }

  @Override
  public @Nullable V putIfAbsent(K key, V value) {
    K checked = within(key);
    Objects.requireNonNull(value, "a value must not be null");
    return this.<@Nullable V>write(tree -> tree.putIfAbsent(checked, value));
  }

  @Override
  public @Nullable V remove(@Nullable Object key) {
    byte[] encoded = encodeWithin(key);
    return encoded == null ? null : removeEncoded(encoded);
  }

  @Nullable V removeEncoded(byte[] key) {
    K decoded = definition.keys().decode(key);
    return this.<@Nullable V>write(tree -> tree.remove(decoded));
  }

  @Override
  public boolean remove(@Nullable Object key, @Nullable Object value) {
    byte[] encoded = encodeWithin(key);
    if (encoded == null || value == null) {
      return false;
    }
    K decoded = definition.keys().decode(encoded);
    return this.<Boolean>write(
        tree ->
            Objects.deepEquals(value, tree.getForUpdate(decoded)) && tree.remove(decoded) != null);
  }

  @Override
  public @Nullable V replace(K key, V value) {
    K checked = within(key);
    Objects.requireNonNull(value, "a value must not be null");
    return this.<@Nullable V>write(tree -> tree.replace(checked, value));
  }

  @Override
  public boolean replace(K key, V expected, V value) {
    K checked = within(key);
    Objects.requireNonNull(expected, "a value must not be null");
    Objects.requireNonNull(value, "a value must not be null");
    return this.<Boolean>write(
        tree ->
            Objects.deepEquals(expected, tree.getForUpdate(checked))
                && tree.replace(checked, value) != null);
  }

  @Override
  public @Nullable V computeIfAbsent(K key, Function<? super K, ? extends @Nullable V> function) {
    Objects.requireNonNull(function, "function");
    K checked = within(key);
    V found = get(checked); // nothing is written, and nothing forced, if it is there
    return found != null
        ? found
        : this.<@Nullable V>write(tree -> tree.computeIfAbsent(checked, function));
  }

  @Override
  public @Nullable V computeIfPresent(
      K key, BiFunction<? super K, ? super V, ? extends @Nullable V> function) {
    Objects.requireNonNull(function, "function");
    K checked = within(key);
    return this.<@Nullable V>write(tree -> tree.computeIfPresent(checked, function));
  }

  @Override
  public @Nullable V compute(
      K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function) {
    Objects.requireNonNull(function, "function");
    K checked = within(key);
    return this.<@Nullable V>write(tree -> tree.compute(checked, function));
  }

  @Override
  public @Nullable V merge(
      K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> function) {
    Objects.requireNonNull(function, "function");
    K checked = within(key);
    return this.<@Nullable V>write(tree -> tree.merge(checked, value, function));
  }

  @Override
  public void clear() {
    store.write(
        tx -> {
          if (bounds.areOpen()) {
            tx.tree(bytes).clear();
          } else {
            tx.tree(bytes).removeRange(bounds.range());
          }
        });
  }

  /**
   * Serializable, whatever the store's choice: a snapshot does not say what is first at the end.
   */
  private Map.@Nullable Entry<K, V> poll(boolean first) {
    boolean lowest = first == ascending;
    return entry(
        store.<Map.@Nullable Entry<byte[], byte[]>, RuntimeException>writeAndGet(
            store.options().transaction().withIsolation(Isolation.SERIALIZABLE),
            tx -> {
              Tree<byte[], byte[]> tree = tx.tree(bytes);
              Map.Entry<byte[], byte[]> found = bounds.end(tree, lowest);
              if (found != null) {
                tree.remove(found.getKey());
              }
              return found;
            }));
  }

  @Override
  public Map.@Nullable Entry<K, V> pollFirstEntry() {
    return poll(true);
  }

  @Override
  public Map.@Nullable Entry<K, V> pollLastEntry() {
    return poll(false);
  }

  // Views.

  @Override
  public @Nullable Comparator<? super K> comparator() {
    Comparator<K> order = definition.keys().comparator();
    return ascending && order.equals(Comparator.naturalOrder())
        ? null
        : ascending ? order : order.reversed();
  }

  private StoreMap<K, V> part(
      @Nullable K from, boolean fromInclusive, @Nullable K to, boolean toInclusive) {
    byte[] first = from == null ? null : encode(from);
    byte[] last = to == null ? null : encode(to);
    return part(
        ascending
            ? bounds.part(first, fromInclusive, last, toInclusive)
            : bounds.part(last, toInclusive, first, fromInclusive),
        ascending);
  }

  private static <K> K notNull(K end) {
    return Objects.requireNonNull(end, "an end of a range must not be null");
  }

  @Override
  public ConcurrentNavigableMap<K, V> subMap(
      K from, boolean fromInclusive, K to, boolean toInclusive) {
    return part(notNull(from), fromInclusive, notNull(to), toInclusive);
  }

  @Override
  public ConcurrentNavigableMap<K, V> headMap(K to, boolean inclusive) {
    return part(null, true, notNull(to), inclusive);
  }

  @Override
  public ConcurrentNavigableMap<K, V> tailMap(K from, boolean inclusive) {
    return part(notNull(from), inclusive, null, true);
  }

  @Override
  public ConcurrentNavigableMap<K, V> descendingMap() {
    return part(bounds, !ascending);
  }

  @Override
  public NavigableSet<K> navigableKeySet() {
    return new MapKeys<>(this);
  }

  @Override
  public Set<Map.Entry<K, V>> entrySet() {
    return new MapEntries<>(this);
  }

  @Override
  public Collection<V> values() {
    return new MapValues<>(this);
  }

  MapIterator<K, V, K> keyIterator() {
    return iterator(each -> definition.keys().decode(each.getKey()));
  }

  MapIterator<K, V, V> valueIterator() {
    return iterator(each -> definition.values().decode(each.getValue()));
  }

  MapIterator<K, V, Map.Entry<K, V>> entryIterator() {
    return iterator(
        each ->
            new MapEntries.Met<>(
                this,
                definition.keys().decode(each.getKey()),
                definition.values().decode(each.getValue())));
  }

  private <E> MapIterator<K, V, E> iterator(Function<Map.Entry<byte[], byte[]>, E> shape) {
    return new MapIterator<>(this, bounds, ascending, shape);
  }
}
