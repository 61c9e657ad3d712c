package dev.redoubt.wal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC-32C over a range of a buffer, without allocating. Confined to one thread at a time. */
final class Checksum {
  private final CRC32C crc = new CRC32C();

  /** Leaves position 0 and limit capacity behind. */
  int of(ByteBuffer buffer, int from, int to) {
    crc.reset();
    buffer.clear().position(from).limit(to);
    crc.update(buffer);
    buffer.clear();
    return (int) crc.getValue();
  }
}
