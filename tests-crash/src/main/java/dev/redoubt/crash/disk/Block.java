package dev.redoubt.crash.disk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * 4096 bytes that are never changed, with their hash. Files and images of files share blocks, which
 * is what makes an image of a crashed disk cheap.
 */
final class Block {
  static final int BYTES = 4096;
  static final Block ZERO = new Block(new byte[BYTES]);

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] bytes;
  private long hash;

  private Block(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Takes over {@code bytes}, which must be 4096 long and is not touched by anyone afterwards. */
  static Block of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a block has " + BYTES + " bytes, not " + bytes.length);
    }
    return isZero(bytes) ? ZERO : new Block(bytes);
  }

  /** The bytes; not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  /** This block with {@code [from, to)} taken from {@code other}. */
  Block with(Block other, int from, int to) {
    if (from == 0 && to == BYTES) {
      return other;
    }
    byte[] copy = bytes.clone();
    System.arraycopy(other.bytes, from, copy, from, to - from);
    return of(copy);
  }

  /** A hash of the bytes, equal for equal bytes. Computed once; a race computes it twice. */
  long hash() {
    long known = hash;
    if (known == 0) {
      known = 0x9E3779B97F4A7C15L;
      for (int i = 0; i < BYTES; i += Long.BYTES) {
        known = (known ^ (long) LONG.get(bytes, i)) * 0xD6E8FEB86659FD93L;
        known ^= known >>> 32;
      }
      known = known == 0 ? 1 : known;
      hash = known;
    }
    return known;
  }

  private static boolean isZero(byte[] bytes) {
    for (int i = 0; i < BYTES; i += Long.BYTES) {
      if ((long) LONG.get(bytes, i) != 0) {
        return false;
      }
    }
    return true;
  }
}
