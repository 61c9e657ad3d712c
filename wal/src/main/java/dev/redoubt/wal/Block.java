package dev.redoubt.wal;

import dev.redoubt.io.DiskFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * One aligned block in memory, the unit of headers and slots. All of them begin alike: magic u64,
 * crc u32 over everything behind it. Confined to one thread at a time.
 */
final class Block {
  private static final int MAGIC = 0;
  private static final int CRC = MAGIC + Long.BYTES;
  private static final int CRC_FROM = CRC + Integer.BYTES;

  final MemorySegment memory =
      Arena.ofAuto().allocate(LogLayout.BLOCK_BYTES, LogLayout.BLOCK_BYTES);
  private final ByteBuffer bytes = memory.asByteBuffer();
  private final Checksum checksum = new Checksum();

  /**
   * Reads the block at {@code position}; what the file does not have is zero. Returns bytes read.
   */
  int read(DiskFile file, long position) {
    memory.fill((byte) 0);
    return file.read(bytes.clear(), position);
  }

  /** Computes the checksum and writes the block; not forced. */
  void write(DiskFile file, long position) {
    seal();
    file.write(bytes.clear(), position);
  }

  /** Writes a block of zeros; not forced. */
  void writeZeros(DiskFile file, long position) {
    memory.fill((byte) 0);
    file.write(bytes.clear(), position);
  }

  /** Computes the checksum and stores it. */
  void seal() {
    LogLayout.putInt(memory, CRC, checksum.of(bytes, CRC_FROM, LogLayout.BLOCK_BYTES));
  }

  long magic() {
    return LogLayout.getLong(memory, MAGIC);
  }

  int storedCrc() {
    return LogLayout.getInt(memory, CRC);
  }

  int computedCrc() {
    return checksum.of(bytes, CRC_FROM, LogLayout.BLOCK_BYTES);
  }

  boolean isZeroFrom(int offset) {
    for (int i = offset; i < LogLayout.BLOCK_BYTES; i++) {
      if (memory.get(java.lang.foreign.ValueLayout.JAVA_BYTE, i) != 0) {
        return false;
      }
    }
    return true;
  }
}
