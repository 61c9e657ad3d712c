package dev.redoubt.kv;

import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An ordered map of a read-write transaction. Null keys and values are refused.
 *
 * <p>Every operation on a key owns it at return: nobody else writes it until the transaction ends.
 * Those that also read, all but {@link #put} and {@link #add}, own the key first and take the
 * snapshot then, if it is the transaction's first read; if the key is newer than the snapshot, the
 * snapshot moves on, provided that all that was read so far still holds. So transactions that count
 * at one key queue up and do not fail ({@link Isolation#SERIALIZABLE}; under {@code SNAPSHOT} the
 * first updater wins).
 *
 * <p>All of them wait for another owner of the key to end.
 *
 * <p>Errors, after which the transaction lives and the operation has not happened: {@link
 * TooLargeException}, {@link dev.redoubt.io.DiskFullException}, {@link NullPointerException}, and
 * whatever a function of the caller's throws. After a {@link ConflictException} or {@link
 * SnapshotTooOldException} the transaction can only be rolled back; {@link Store#write} runs it
 * again.
 */
public interface Tree<K, V> extends ReadTree<K, V> {
  /** Puts; reads nothing, and so never fails because the key is newer than the snapshot. */
  void put(K key, V value);

  /**
   * Puts a value that is read from a stream: whatever its length, no more than a page of it is in
   * memory. {@link ReadTree#readChunks} reads it likewise. The stream is read to {@code
   * lengthBytes} and not closed; one that uses this transaction meanwhile is refused it.
   *
   * @param value gives the bytes as the codec of values would have encoded them
   * @param lengthBytes of the value, at most a quarter of {@code maxWalBytes}
   * @throws TooLargeException if it is longer; nothing was read
   * @throws IOException if the stream throws it, or ends early; nothing has changed, and the
   *     transaction lives
   */
  void putStream(K key, InputStream value, long lengthBytes) throws IOException;

  /** Puts if the key has no value; returns the value that was there, or null if it was put. */
  @Nullable V putIfAbsent(K key, V value);

  /** Removes; returns what was there, or null. */
  @Nullable V remove(K key);

  /** Removes if the value is this one, byte for byte when encoded; returns whether it was. */
  boolean remove(K key, V value);

  /** Replaces the value if there is one; returns what was there, or null if there was none. */
  @Nullable V replace(K key, V value);

  /** Replaces the value if it is {@code expected}, byte for byte; returns whether it was. */
  boolean replace(K key, V expected, V value);

  /**
   * The value, or null; at return the key is the transaction's own, and so the value stays what it
   * is until the end. An absent key is owned as well.
   */
  @Nullable V getForUpdate(K key);

  /**
   * Gives the key the value that {@code function} makes of the old one; null stands for no value,
   * before and after. The function runs once, outside of any latch, and may use the transaction.
   *
   * @return the new value, or null
   */
  @Nullable V compute(
      K key, BiFunction<? super K, ? super @Nullable V, ? extends @Nullable V> function);

  /** The value; if there is none, what {@code function} makes, which is put unless it is null. */
  @Nullable V computeIfAbsent(K key, Function<? super K, ? extends @Nullable V> function);

  /** As {@link #compute}, if there is a value; else nothing happens, and null is returned. */
  @Nullable V computeIfPresent(
      K key, BiFunction<? super K, ? super V, ? extends @Nullable V> function);

  /**
   * Puts {@code value} if there is none, else what {@code function} makes of the old value and this
   * one; null removes the key.
   *
   * @return the new value, or null
   */
  @Nullable V merge(
      K key, V value, BiFunction<? super V, ? super V, ? extends @Nullable V> function);

  /**
   * Adds to a number, which wraps around; an absent key counts as 0. Transactions that only add to
   * a key do not wait for each other: each logs its increment, whose undo subtracts it again,
   * whatever others have added meanwhile. Nothing is read, so nothing can have changed. Whoever
   * writes the key otherwise, or reads it to write it, waits until those who add to it have ended,
   * and they for him; so does the first who adds to an absent key.
   *
   * @throws UnsupportedOperationException if the values of the tree are not {@link Codecs#INT64}
   */
  void add(K key, long delta);

  /**
   * Adds to a number and returns the sum, which wraps around; an absent key counts as 0. An
   * ordinary read and write of the key.
   *
   * @throws UnsupportedOperationException if the values of the tree are not {@link Codecs#INT64}
   */
  long addAndGet(K key, long delta);

  /**
   * Removes every key at once, by putting an empty tree in the place of this one: no key is touched
   * or owned, however many there are. Snapshots from before the commit go on reading the old tree;
   * its pages are freed behind the commit, when no snapshot sees it any more. A rollback, also to
   * an earlier savepoint, brings it back. Reads nothing.
   *
   * <p>As {@link WriteTx#dropTree} it waits for read-write transactions that use the tree; those
   * that come to use it wait for this one. A scan or cursor that this transaction began before
   * cannot go on. A transaction that has cleared a tree cannot be prepared; {@link #removeRange} is
   * for that.
   *
   * @throws ConflictException if waiting would be a deadlock, or takes too long, or a transaction
   *     in doubt has changed the tree, or, under {@link Isolation#SNAPSHOT}, another has changed it
   *     since the snapshot; the transaction can only be rolled back
   */
  void clear();

  /** {@link #bulkLoad(Iterator, double)} with leaves nine tenths full. */
  long bulkLoad(Iterator<? extends Map.Entry<? extends K, ? extends V>> sorted);

  /**
   * Fills the tree, which must be empty, from entries in the order of encoded keys: leaf by leaf,
   * each page written once, several times faster than {@link #put}. All of it becomes visible with
   * the commit, and durable as the commit is; after a crash or a rollback nothing of it is there.
   *
   * <p>Neither memory nor log grows with the load: a leaf's entries and one value are in memory,
   * and the log can be recycled meanwhile, unless this transaction has written before, a {@link
   * #clear} among others: then the load must fit the cap of the log. Waits as {@link #clear}; from
   * its beginning on the transaction has the tree alone, and cannot use it itself before the load
   * has returned. {@code sorted} may read other trees of the transaction, and must not commit it.
   *
   * @param fill how full leaves get, above 0 and at most 1; less than 1 leaves room for later
   *     entries in between
   * @return how many entries were loaded
   * @throws IllegalArgumentException if an entry is not above the one before it, naming both; the
   *     tree is empty and the transaction lives, as after whatever {@code sorted} throws, {@link
   *     TooLargeException} and {@code DiskFullException}
   * @throws IllegalStateException if the tree has entries; nothing has changed
   * @throws ConflictException as {@link #clear}
   * @throws dev.redoubt.recovery.TransactionDoomedException if this transaction has written before,
   *     and with the load the log has come to its cap; the transaction has been rolled back
   */
  long bulkLoad(Iterator<? extends Map.Entry<? extends K, ? extends V>> sorted, double fill);

  /**
   * Removes every key of the range: reads it as a scan does, and owns the keys that are there. Keys
   * that others put into the range meanwhile make the commit fail under {@link
   * Isolation#SERIALIZABLE}. If it fails on the way, the keys removed so far stay removed; roll
   * back to a savepoint.
   *
   * @return how many keys were removed
   */
  long removeRange(KeyRange<K> range);
}
