package dev.redoubt.kv;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Turns values into bytes and back. A codec used for keys keeps order: {@code comparator()} agrees
 * with the unsigned lexicographic order of the bytes. Thread-safe.
 *
 * @param <T> what it encodes; with {@code @Nullable}, null is one of its values
 */
public interface Codec<T extends @Nullable Object> {
  /** {@link #fixedBytes} of a codec whose encodings differ in length. */
  int VARIABLE = -1;

  /** A short stable name, stored with the tree. */
  String name();

  /**
   * The bytes of a value, in an array that is the caller's own: new, and never changed again. Not
   * null.
   */
  byte[] encode(T value);

  /**
   * The value of bytes that {@link #encode} gave.
   *
   * @throws IllegalArgumentException if it gives no such bytes
   */
  T decode(byte[] bytes);

  /**
   * The order of keys in a tree of this codec: that of the bytes. It is the natural order of the
   * values only where the two agree.
   */
  Comparator<T> comparator();

  /**
   * Length of every encoding in bytes, or {@link #VARIABLE}. Within a tuple, encodings of a fixed
   * length stand as they are; others are escaped and terminated, so that none is a prefix of
   * another.
   */
  default int fixedBytes() {
    return VARIABLE;
  }
}
