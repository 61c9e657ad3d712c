package dev.redoubt.kv;

import java.util.Map;

/**
 * A place in a tree that can be moved in both directions and put anywhere, as often as one likes.
 * The place is a key, not a page: it stays valid whatever is written meanwhile, and a leaked cursor
 * costs nothing but its memory.
 *
 * <p>A cursor sees what its transaction sees, its own later writes too: what the transaction writes
 * in front of a cursor, the cursor meets. In a serializable transaction exactly what a move has
 * passed or found counts as read: {@code ceiling(k)} that finds f has read all keys from k to f.
 *
 * <p>A new cursor stands nowhere: {@code next} then is {@code first}, and {@code previous} is
 * {@code last}. A move that finds nothing returns false, and the cursor stands on no entry: behind
 * the last one, before the first one, or, after {@code seek}, in the gap where the key would be.
 * From there it can be moved on.
 *
 * <p>Usable while its transaction is and as long as it has not been closed, by one thread at a
 * time. Every method but {@code close} throws {@link ClosedException} after that, and {@link
 * IllegalStateException} while another thread is inside; neither moves the cursor. An error of a
 * move, such as {@link SnapshotTooOldException}, leaves it where it was.
 */
public interface Cursor<K, V> extends AutoCloseable {
  /** Moves to the first entry; false, and behind the last, if the tree is empty. */
  boolean first();

  /** Moves to the last entry; false, and before the first, if the tree is empty. */
  boolean last();

  /** Moves to the key; false, and into the gap where it would be, if it has no entry. */
  boolean seek(K key);

  /** Moves to the greatest key at or below {@code key}; false, and before the first, if none. */
  boolean floor(K key);

  /** Moves to the least key at or above {@code key}; false, and behind the last, if none. */
  boolean ceiling(K key);

  /** Moves to the greatest key below {@code key}; false, and before the first, if none. */
  boolean lower(K key);

  /** Moves to the least key above {@code key}; false, and behind the last, if none. */
  boolean higher(K key);

  /** Moves to the least key above where it stands; false, and behind the last, if none. */
  boolean next();

  /** Moves to the greatest key below where it stands; false, and before the first, if none. */
  boolean previous();

  /** Whether the last move has found an entry. */
  boolean isOnEntry();

  /**
   * The key of the entry.
   *
   * @throws java.util.NoSuchElementException if it stands on none
   */
  K key();

  /**
   * The value of the entry: if the transaction has written since the move, the value of now.
   *
   * @throws java.util.NoSuchElementException if it stands on none, or the transaction itself has
   *     removed the entry since
   */
  V value();

  /** Key and value. */
  default Map.Entry<K, V> entry() {
    return Map.entry(key(), value());
  }

  /** Ends its use; any number of times, and after the end of the transaction too. */
  @Override
  void close();
}
