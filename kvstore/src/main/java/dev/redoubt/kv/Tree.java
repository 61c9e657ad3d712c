package dev.redoubt.kv;

import org.jspecify.annotations.Nullable;

/** An ordered map of a read-write transaction. Null keys and values are refused. */
public interface Tree<K, V> extends ReadTree<K, V> {
  /** Puts; at return the key is owned by the transaction until it ends. */
  void put(K key, V value);

  /** Puts if the key has no value; returns the value that was there, or null if it was put. */
  @Nullable V putIfAbsent(K key, V value);

  /** Removes; returns what was there, or null. */
  @Nullable V remove(K key);
}
