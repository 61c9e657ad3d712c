package dev.redoubt.kv;

import java.util.Comparator;

/**
 * Turns values into bytes and back. A codec used for keys keeps order: {@code comparator()} agrees
 * with the unsigned lexicographic order of the bytes. Thread-safe.
 */
public interface Codec<T> {
  /** A short stable name, stored with the tree. */
  String name();

  byte[] encode(T value);

  T decode(byte[] bytes);

  /** The order of keys in a tree of this codec. */
  Comparator<T> comparator();
}
