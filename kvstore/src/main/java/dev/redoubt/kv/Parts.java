package dev.redoubt.kv;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Encodings that follow one another and keep their order: none is a prefix of another. Those of a
 * fixed length stand as they are. In others each byte 00 becomes 00 01, and 00 00 ends them: the
 * end is below whatever may follow in a longer one. Stateless but for the reader.
 */
final class Parts {
  private static final int ESCAPE = 0;
  private static final int END = 0;
  private static final int ESCAPED_ZERO = 1;

  private Parts() {}

  static void write(ByteArrayOutputStream out, byte[] encoded, Codec<?> codec) {
    int fixed = codec.fixedBytes();
    if (fixed != Codec.VARIABLE) {
      if (encoded.length != fixed) {
        throw new IllegalArgumentException(
            "codec %s says that it gives %d bytes and gave %d"
                .formatted(codec.name(), fixed, encoded.length));
      }
      out.writeBytes(encoded);
      return;
    }
    for (byte each : encoded) {
      out.write(each);
      if (each == ESCAPE) {
        out.write(ESCAPED_ZERO);
      }
    }
    out.write(ESCAPE);
    out.write(END);
  }

  /** Reads one part after another. Confined to one thread. */
  static final class Reader {
    private final byte[] bytes;
    private int at;

    Reader(byte[] bytes) {
      this.bytes = bytes;
    }

    /** The encoding of the next part. */
    byte[] next(Codec<?> codec) {
      int fixed = codec.fixedBytes();
      if (fixed != Codec.VARIABLE) {
        if (bytes.length - at < fixed) {
          throw cutShort();
        }
        at += fixed;
        return Arrays.copyOfRange(bytes, at - fixed, at);
      }
      byte[] part = new byte[bytes.length - at];
      int length = 0;
      while (true) {
        byte each = get();
        if (each == ESCAPE) {
          byte kind = get();
          if (kind == END) {
            return Arrays.copyOf(part, length);
          }
          if (kind != ESCAPED_ZERO) {
            throw new IllegalArgumentException(
                "byte 00 followed by %02x: another codec wrote this".formatted(kind));
          }
        }
        part[length++] = each;
      }
    }

    /** What is left, as it is. */
    byte[] rest() {
      int from = at;
      at = bytes.length;
      return Arrays.copyOfRange(bytes, from, at);
    }

    private byte get() {
      if (at == bytes.length) {
        throw cutShort();
      }
      return bytes[at++];
    }

    private IllegalArgumentException cutShort() {
      return new IllegalArgumentException(
          "%d bytes, and more were expected: another codec wrote this".formatted(bytes.length));
    }
  }
}
