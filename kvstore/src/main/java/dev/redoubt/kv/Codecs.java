package dev.redoubt.kv;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/** Codecs that keep order. */
public final class Codecs {
  /** Bytes as they are, ordered as unsigned bytes. */
  public static final Codec<byte[]> BYTES =
      new SimpleCodec<byte[]>("bytes", byte[]::clone, byte[]::clone, Arrays::compareUnsigned);

  /** Strings in UTF-8, ordered by code point; unpaired surrogates are refused. */
  public static final Codec<String> UTF_8 =
      new SimpleCodec<>("utf-8", Codecs::encodeUtf8, Codecs::decodeUtf8, Codecs::compareCodePoints);

  /** Signed 64-bit numbers: big-endian with the sign bit flipped. */
  public static final Codec<Long> INT64 =
      new SimpleCodec<Long>(
          "int64",
          v -> ByteBuffer.allocate(8).putLong(v ^ Long.MIN_VALUE).array(),
          b -> ByteBuffer.wrap(checkLength(b, 8)).getLong() ^ Long.MIN_VALUE,
          Long::compare);

  private Codecs() {}

  private static byte[] checkLength(byte[] bytes, int length) {
    if (bytes.length != length) {
      throw new IllegalArgumentException(
          "expected " + length + " bytes, found " + bytes.length + ": another codec wrote this");
    }
    return bytes;
  }

  private static byte[] encodeUtf8(String text) {
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      return copy;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("not encodable in UTF-8: unpaired surrogate", e);
    }
  }

  private static String decodeUtf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("not UTF-8: another codec wrote this", e);
    }
  }

  private static int compareCodePoints(String a, String b) {
    return Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());
  }

  private record SimpleCodec<T>(
      String name,
      java.util.function.Function<T, byte[]> encoder,
      java.util.function.Function<byte[], T> decoder,
      Comparator<T> comparator)
      implements Codec<T> {
    @Override
    public byte[] encode(T value) {
      return encoder.apply(value);
    }

    @Override
    public T decode(byte[] bytes) {
      return decoder.apply(bytes);
    }
  }
}
