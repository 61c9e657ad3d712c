package dev.redoubt.kv.btree;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads a body from its start to its end. Confined to one thread. */
final class BodyReader {
  private final MemorySegment body;
  private final long lengthBytes;
  private long position;

  BodyReader(MemorySegment body) {
    this(body, 0, body.byteSize());
  }

  /** Of a body that is part of a segment. */
  BodyReader(MemorySegment segment, long start, long lengthBytes) {
    this.body = segment;
    this.position = start;
    this.lengthBytes = lengthBytes;
  }

  MemorySegment segment() {
    return body;
  }

  int getByte() {
    return body.get(ValueLayout.JAVA_BYTE, position++) & 0xff;
  }

  long getLong() {
    long value = body.get(NodeLayout.LONG, position);
    position += 8;
    return value;
  }

  long getVarint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = body.get(ValueLayout.JAVA_BYTE, position++);
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("number of more than 64 bits in a tree record");
  }

  /** A slot number. */
  int getSlot() {
    long value = getVarint();
    if (value < 0 || value > 0xffff) {
      throw new IllegalArgumentException("slot out of range in a tree record: " + value);
    }
    return (int) value;
  }

  /** A varint that counts bytes or cells of this body. */
  int getCount() {
    long value = getVarint();
    if (value < 0 || value > lengthBytes) {
      throw new IllegalArgumentException("count out of range in a tree record: " + value);
    }
    return (int) value;
  }

  /** Passes {@code lengthBytes} by; returns where they begin. */
  long skip(int lengthBytes) {
    long start = position;
    position += lengthBytes;
    return start;
  }

  byte[] getSized() {
    int length = getCount();
    return Node.bytes(body, skip(length), length);
  }
}
