package dev.redoubt.kv;

import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Encodings with a byte in front that says whether there is a value. Stateless. */
final class Marked {
  private Marked() {}

  static <T> Codec<@Nullable T> nullable(
      String kind, Codec<T> codec, int nullMark, int valueMark, Comparator<@Nullable T> order) {
    return new SimpleCodec<@Nullable T>(
        kind + "(" + codec.name() + ")",
        Codec.VARIABLE,
        value -> {
          if (value == null) {
            return new byte[] {(byte) nullMark};
          }
          byte[] encoded = codec.encode(value);
          byte[] marked = new byte[1 + encoded.length];
          marked[0] = (byte) valueMark;
          System.arraycopy(encoded, 0, marked, 1, encoded.length);
          return marked;
        },
        bytes -> {
          if (bytes.length == 1 && bytes[0] == nullMark) {
            return null;
          }
          if (bytes.length == 0 || bytes[0] != valueMark) {
            throw new IllegalArgumentException(
                "neither null nor a value of %s: another codec wrote this".formatted(codec.name()));
          }
          return codec.decode(Arrays.copyOfRange(bytes, 1, bytes.length));
        },
        order);
  }
}
