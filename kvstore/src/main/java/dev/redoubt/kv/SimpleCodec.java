package dev.redoubt.kv;

import java.util.Comparator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A codec put together from functions. */
record SimpleCodec<T extends @Nullable Object>(
    String name,
    int fixedBytes,
    Function<T, byte[]> encoder,
    Function<byte[], T> decoder,
    Comparator<T> comparator)
    implements Codec<T> {
  @Override
  public byte[] encode(T value) {
    return encoder.apply(value);
  }

  @Override
  public T decode(byte[] bytes) {
    if (fixedBytes != VARIABLE && bytes.length != fixedBytes) {
      throw new IllegalArgumentException(
          "expected "
              + fixedBytes
              + " bytes, found "
              + bytes.length
              + ": another codec wrote this");
    }
    return decoder.apply(bytes);
  }

  @Override
  public String toString() {
    return name;
  }
}
