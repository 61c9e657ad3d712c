package dev.redoubt.kv;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A range of keys; a null bound is an open end. A range whose ends are the wrong way round is
 * empty.
 *
 * @param from the least key, or null for the first of the tree
 * @param fromInclusive whether {@code from} itself belongs to it; of no meaning for an open end
 * @param to the greatest key, or null for the last of the tree
 * @param toInclusive whether {@code to} itself belongs to it; of no meaning for an open end
 * @param encodedPrefix what the bytes of all its keys begin with, instead of bounds ({@link
 *     TupleCodec#startingWith}); null for a range with bounds
 */
public record KeyRange<K>(
    @Nullable K from,
    boolean fromInclusive,
    @Nullable K to,
    boolean toInclusive,
    @Nullable ByteBuffer encodedPrefix) {

  /** A range with bounds. */
  public KeyRange(@Nullable K from, boolean fromInclusive, @Nullable K to, boolean toInclusive) {
    this(from, fromInclusive, to, toInclusive, null);
  }

  /** All keys whose bytes begin with these. */
  static <K> KeyRange<K> ofEncoded(byte[] prefix) {
    return new KeyRange<>(null, true, null, false, ByteBuffer.wrap(prefix).asReadOnlyBuffer());
  }

  /** The same range in bytes. */
  KeyRange<byte[]> encoded(Codec<K> codec) {
    ByteBuffer shared = encodedPrefix;
    if (shared != null) {
      byte[] prefix = new byte[shared.remaining()];
      shared.duplicate().get(prefix);
      return startingWith(prefix);
    }
    K low = from;
    K high = to;
    return new KeyRange<>(
        low == null ? null : RawBytes.encode(codec, low),
        fromInclusive,
        high == null ? null : RawBytes.encode(codec, high),
        toInclusive);
  }

  /** All keys. */
  public static <K> KeyRange<K> all() {
    return new KeyRange<>(null, true, null, false);
  }

  /** {@code from} and all keys above. */
  public static <K> KeyRange<K> atLeast(K from) {
    return new KeyRange<>(bound(from), true, null, false);
  }

  /** All keys above {@code from}. */
  public static <K> KeyRange<K> greaterThan(K from) {
    return new KeyRange<>(bound(from), false, null, false);
  }

  /** All keys below {@code to}. */
  public static <K> KeyRange<K> lessThan(K to) {
    return new KeyRange<>(null, true, bound(to), false);
  }

  /** {@code to} and all keys below. */
  public static <K> KeyRange<K> atMost(K to) {
    return new KeyRange<>(null, true, bound(to), true);
  }

  /** From {@code from}, included, to {@code to}, left out. */
  public static <K> KeyRange<K> between(K from, K to) {
    return new KeyRange<>(bound(from), true, bound(to), false);
  }

  /** From {@code from} to {@code to}, both included. */
  public static <K> KeyRange<K> closed(K from, K to) {
    return new KeyRange<>(bound(from), true, bound(to), true);
  }

  /** Between {@code from} and {@code to}, both left out. */
  public static <K> KeyRange<K> open(K from, K to) {
    return new KeyRange<>(bound(from), false, bound(to), false);
  }

  /** All texts that start with {@code prefix}. */
  public static KeyRange<String> startingWith(String prefix) {
    return new KeyRange<>(prefix, true, after(prefix), false);
  }

  /** All byte strings that start with {@code prefix}. */
  public static KeyRange<byte[]> startingWith(byte[] prefix) {
    return new KeyRange<>(prefix.clone(), true, after(prefix), false);
  }

  private static <K> K bound(K key) {
    return Objects.requireNonNull(
        key, "a bound must not be null; an open end has a method of its own");
  }

  /** The smallest text above all that start with {@code prefix}; null if there is none. */
  private static @Nullable String after(String prefix) {
    int[] points = prefix.codePoints().toArray();
    for (int i = points.length - 1; i >= 0; i--) {
      if (points[i] < Character.MAX_CODE_POINT) {
        int next = points[i] + 1;
        // Surrogates are no characters of UTF-8.
        points[i] = next == Character.MIN_SURROGATE ? Character.MAX_SURROGATE + 1 : next;
        return new String(points, 0, i + 1);
      }
    }
    return null;
  }

  private static byte @Nullable [] after(byte[] prefix) {
    for (int i = prefix.length - 1; i >= 0; i--) {
      if (prefix[i] != (byte) 0xff) {
        byte[] after = Arrays.copyOf(prefix, i + 1);
        after[i]++;
        return after;
      }
    }
    return null;
  }
}
