package dev.redoubt.kv;

/**
 * Spares trees of plain bytes copies that {@link Codecs#BYTES} makes to be safe, where nobody else
 * has the array, or it is looked at only during a call. Stateless.
 */
final class RawBytes {
  private RawBytes() {}

  /** The bytes of a key that is looked up and not kept; not to be modified. */
  static <K> byte[] toLookUp(Codec<K> codec, K key) {
    return isRaw(codec) ? (byte[]) key : codec.encode(key);
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
