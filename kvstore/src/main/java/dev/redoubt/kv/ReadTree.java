package dev.redoubt.kv;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An ordered map of a transaction, for reading; ordered as the key codec's {@link
 * Codec#comparator()}. Usable while its transaction is; then every method throws {@link
 * ClosedException}. A null key is a {@link NullPointerException}. A tree that does not exist is
 * empty.
 *
 * <p>In a serializable read-write transaction exactly what was delivered counts as read: {@code
 * ceiling(k)} that finds f has read the keys from k to f, one that finds nothing all keys from k
 * on.
 */
public interface ReadTree<K, V> {
  TreeDef<K, V> definition();

  @Nullable V get(K key);

  default Optional<V> find(K key) {
    return Optional.ofNullable(get(key));
  }

  default boolean containsKey(K key) {
    return get(key) != null;
  }

  /** Entry of the least key, or null if the tree is empty. */
  Map.@Nullable Entry<K, V> first();

  /** Entry of the greatest key, or null if the tree is empty. */
  Map.@Nullable Entry<K, V> last();

  /** Entry of the greatest key at or below {@code key}, or null. */
  Map.@Nullable Entry<K, V> floor(K key);

  /** Entry of the least key at or above {@code key}, or null. */
  Map.@Nullable Entry<K, V> ceiling(K key);

  /** Entry of the greatest key below {@code key}, or null. */
  Map.@Nullable Entry<K, V> lower(K key);

  /** Entry of the least key above {@code key}, or null. */
  Map.@Nullable Entry<K, V> higher(K key);

  /**
   * Entries of the range in ascending order of keys, read in batches while iterating. Each iterator
   * starts anew; it holds nothing and need not be finished. One thread at a time uses it.
   */
  Iterable<Map.Entry<K, V>> range(KeyRange<K> range);

  /** The same in descending order. */
  Iterable<Map.Entry<K, V>> descending(KeyRange<K> range);

  /** All entries in ascending order. */
  default Stream<Map.Entry<K, V>> stream() {
    return stream(KeyRange.all());
  }

  /** Entries of the range in ascending order, read in batches; need not be closed. */
  Stream<Map.Entry<K, V>> stream(KeyRange<K> range);

  /** The same in descending order. */
  Stream<Map.Entry<K, V>> descendingStream(KeyRange<K> range);

  /** A cursor that stands nowhere yet. */
  Cursor<K, V> cursor();

  /** Number of entries; reads the tree. */
  default long count() {
    return count(KeyRange.all());
  }

  /** Number of entries of the range; reads it. */
  long count(KeyRange<K> range);
}
