package dev.redoubt.crash.oracle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Some bytes of a file by name and place; fewer than asked for beyond its end. */
@FunctionalInterface
interface Bytes {
  /** Reads up to {@code length} bytes; empty if there is no such file. */
  byte[] read(String file, long position, int length);

  /** The bytes as numbers, little-endian as everything on disk. */
  static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
