package dev.redoubt.kv;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An ordered map of a transaction, for reading. Usable while its transaction is. */
public interface ReadTree<K, V> {
  TreeDef<K, V> definition();

  @Nullable V get(K key);

  default Optional<V> find(K key) {
    return Optional.ofNullable(get(key));
  }

  default boolean containsKey(K key) {
    return get(key) != null;
  }

  /** Entries of the range in ascending order of keys, read in batches while iterating. */
  Iterable<Map.Entry<K, V>> range(KeyRange<K> range);

  /** The same in descending order. */
  Iterable<Map.Entry<K, V>> descending(KeyRange<K> range);

  default Stream<Map.Entry<K, V>> stream() {
    return stream(KeyRange.all());
  }

  Stream<Map.Entry<K, V>> stream(KeyRange<K> range);

  /** First entry, or null if the tree is empty. */
  Map.@Nullable Entry<K, V> first();

  /** Last entry, or null if the tree is empty. */
  Map.@Nullable Entry<K, V> last();

  /** Number of entries; reads the tree. */
  default long count() {
    return count(KeyRange.all());
  }

  long count(KeyRange<K> range);
}
