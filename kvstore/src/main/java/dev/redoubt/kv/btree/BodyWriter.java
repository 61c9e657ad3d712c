package dev.redoubt.kv.btree;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Collects the body of one change, outside the heap. Reusable; confined to one thread at a time.
 */
final class BodyWriter {
  private static final int INITIAL_BYTES = 512;

  private MemorySegment buffer = Arena.ofAuto().allocate(INITIAL_BYTES);
  private long size;

  BodyWriter reset() {
    size = 0;
    return this;
  }

  MemorySegment segment() {
    return buffer;
  }

  int sizeBytes() {
    return (int) size;
  }

  /** The body written so far; a view. */
  MemorySegment body() {
    return buffer.asSlice(0, size);
  }

  BodyWriter putByte(int value) {
    ensure(1);
    buffer.set(ValueLayout.JAVA_BYTE, size++, (byte) value);
    return this;
  }

  BodyWriter putLong(long value) {
    ensure(8);
    buffer.set(NodeLayout.LONG, size, value);
    size += 8;
    return this;
  }

  /** Unsigned LEB128. */
  BodyWriter putVarint(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      buffer.set(ValueLayout.JAVA_BYTE, size++, (byte) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    buffer.set(ValueLayout.JAVA_BYTE, size++, (byte) rest);
    return this;
  }

  BodyWriter putBytes(byte[] bytes, int from, int lengthBytes) {
    ensure(lengthBytes);
    MemorySegment.copy(bytes, from, buffer, ValueLayout.JAVA_BYTE, size, lengthBytes);
    size += lengthBytes;
    return this;
  }

  BodyWriter putBytes(MemorySegment source, long from, int lengthBytes) {
    ensure(lengthBytes);
    MemorySegment.copy(source, from, buffer, size, lengthBytes);
    size += lengthBytes;
    return this;
  }

  /** Length as a varint, then the bytes. */
  BodyWriter putSized(byte[] bytes) {
    putVarint(bytes.length);
    return putBytes(bytes, 0, bytes.length);
  }

  private void ensure(int more) {
    if (size + more > buffer.byteSize()) {
      MemorySegment larger = Arena.ofAuto().allocate(Math.max(2 * buffer.byteSize(), size + more));
      MemorySegment.copy(buffer, 0, larger, 0, size);
      buffer = larger;
    }
  }
}
