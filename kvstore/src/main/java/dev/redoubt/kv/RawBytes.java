package dev.redoubt.kv;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Spares trees of plain bytes copies that {@link Codecs#BYTES} makes to be safe, where nobody else
 * has the array, or it is looked at only during a call. Stateless.
 */
final class RawBytes {
  private RawBytes() {}

  /**
   * The bytes of a key that is looked up, or of a value that is copied, and not kept; not to be
   * modified.
   */
  static <T> byte[] toLookUp(Codec<T> codec, T object) {
    return isRaw(codec) ? (byte[]) object : encode(codec, object);
  }

  /**
   * What the codec makes of it.
   *
   * @throws NullPointerException if that is nothing, which must get no further: without bytes a key
   *     could not be found again by those who clear up behind it
   */
  static <T extends @Nullable Object> byte[] encode(Codec<T> codec, T object) {
    return Objects.requireNonNull(
        codec.encode(object), "a codec's encode must give bytes, and gave null");
  }

  /** The value of bytes that were made for this caller. */
  @SuppressWarnings("unchecked") // the codec says that V is byte[]
  static <V> V decodeOwn(Codec<V> codec, byte[] bytes) {
    return isRaw(codec) ? (V) bytes : codec.decode(bytes);
  }

  @SuppressWarnings("ReferenceEquality") // the one codec that is known to do nothing but copy
  private static boolean isRaw(Codec<?> codec) {
    return codec == Codecs.BYTES;
  }
}
