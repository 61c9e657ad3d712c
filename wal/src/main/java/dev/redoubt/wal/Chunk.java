package dev.redoubt.wal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Memory for bytes of the log, aligned to a block, as those want it who use it.
 *
 * @param shown the same, for reading only
 * @param buffer the same
 */
record Chunk(MemorySegment memory, MemorySegment shown, ByteBuffer buffer) {
  static Chunk allocate(int bytes) {
    MemorySegment memory = Arena.ofAuto().allocate(bytes, LogLayout.BLOCK_BYTES);
    return new Chunk(memory, memory.asReadOnly(), memory.asByteBuffer());
  }

  int bytes() {
    return buffer.capacity();
  }
}
