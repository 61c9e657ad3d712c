package dev.redoubt.kv.btree;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Arithmetic on keys: bytes, ordered as unsigned. Stateless. */
final class Keys {
  private Keys() {}

  /** Length of the longest common prefix. */
  static int common(
      MemorySegment a, long aFrom, int aLength, MemorySegment b, long bFrom, int bLength) {
    int shorter = Math.min(aLength, bLength);
    long at = MemorySegment.mismatch(a, aFrom, aFrom + shorter, b, bFrom, bFrom + shorter);
    return at < 0 ? shorter : (int) at;
  }

  static int common(byte[] a, byte @Nullable [] b) {
    if (b == null) {
      return 0;
    }
    int at = Arrays.mismatch(a, b);
    return at < 0 ? a.length : at;
  }

  /**
   * Length of the shortest prefix of {@code right} that is above {@code left}: the separator
   * (suffix truncation). {@code left} is below {@code right}.
   */
  static int separatorLength(byte[] left, byte[] right) {
    return common(left, right) + 1;
  }

  /** A key for people: printable ASCII as it is, anything else in hexadecimal; shortened. */
  static String text(byte[] key) {
    int shown = Math.min(key.length, 40);
    boolean printable = true;
    for (int i = 0; i < shown; i++) {
      printable &= key[i] >= 0x20 && key[i] < 0x7f;
    }
    String text =
        printable
            ? '"' + new String(key, 0, shown, StandardCharsets.US_ASCII) + '"'
            : "0x" + HexFormat.of().formatHex(key, 0, shown);
    return shown < key.length ? text + "... (" + key.length + " bytes)" : text;
  }
}
