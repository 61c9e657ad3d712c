package dev.redoubt.kv;

import java.lang.foreign.MemorySegment;
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

  /** Looks at the bytes of a value; {@link #readBytes}. */
  @FunctionalInterface
  interface ValueBytes<R extends @Nullable Object, X extends Exception> {
    R read(MemorySegment value) throws X;
  }

  /** Looks at a piece of a value; {@link #readChunks}. */
  @FunctionalInterface
  interface ValueChunks<X extends Exception> {
    /**
     * Called in order of offsets.
     *
     * @param offset where the piece begins in the value, in bytes
     * @param total length of the whole value in bytes
     * @return false to stop
     */
    boolean read(MemorySegment piece, long offset, long total) throws X;
  }

  /** Looks at the bytes of an entry; {@link #scanBytes}. */
  @FunctionalInterface
  interface EntryBytes<X extends Exception> {
    /** Returns false to stop. */
    boolean read(MemorySegment key, MemorySegment value) throws X;
  }

  /**
   * Shows the bytes of a value to {@code body}, as the codec made them, without an array on the
   * heap. The segment is read-only and off the heap; after {@code body} has returned every access
   * to it, and any access by another thread, throws. Nothing of the engine is held while it runs:
   * it may take its time, and use this and other transactions.
   *
   * @return what {@code body} returned; null if the key has no value
   */
  <R extends @Nullable Object, X extends Exception> @Nullable R readBytes(
      K key, ValueBytes<R, X> body) throws X;

  /**
   * Shows a value piece by piece, so that one of any length needs no more memory than a page; small
   * ones are one piece. The same holds for the segments as with {@link #readBytes}.
   *
   * @return length of the value in bytes; -1 if the key has none
   * @throws dev.redoubt.io.CorruptionException if the value is damaged; pieces may have been shown
   *     before that: only at the end the whole is known to be what was written
   * @throws IllegalStateException if the transaction has written between two pieces
   */
  <X extends Exception> long readChunks(K key, ValueChunks<X> body) throws X;

  /**
   * Shows the bytes of the entries of a range in ascending order until {@code body} returns false.
   * The same holds for the segments as with {@link #readBytes}; one that is kept is refused from
   * the end of the scan at the latest, and until then shows what it showed.
   *
   * @return how many entries were shown
   */
  <X extends Exception> long scanBytes(KeyRange<K> range, EntryBytes<X> body) throws X;

  /** The same in descending order. */
  <X extends Exception> long descendBytes(KeyRange<K> range, EntryBytes<X> body) throws X;
}
