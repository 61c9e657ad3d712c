package dev.redoubt.recovery;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** A growing buffer with the encodings of record payloads. Confined to one thread. */
final class PayloadWriter {
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private MemorySegment segment;
  private int position;

  private final boolean onHeap;

  private PayloadWriter(int initialBytes, boolean onHeap) {
    this.onHeap = onHeap;
    this.segment = allocate(initialBytes);
  }

  /** Outside the heap, for one that is used again and again. */
  PayloadWriter(int initialBytes) {
    this(initialBytes, false);
  }

  /** On the heap, for one small record: memory outside it costs a cleaner each time. */
  static PayloadWriter forOneRecord() {
    return new PayloadWriter(64, true);
  }

  private MemorySegment allocate(long bytes) {
    return onHeap
        ? MemorySegment.ofArray(new byte[Math.toIntExact(bytes)])
        : Arena.ofAuto().allocate(bytes);
  }

  static int varintBytes(long value) {
    return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
  }

  MemorySegment segment() {
    return segment;
  }

  int position() {
    return position;
  }

  void position(int newPosition) {
    ensure(Math.max(0, newPosition - position));
    position = newPosition;
  }

  /** Moves the bytes in [from, position) up by {@code bytes}. */
  void shift(int from, int bytes) {
    ensure(bytes);
    MemorySegment.copy(segment, from, segment, from + (long) bytes, position - (long) from);
    position += bytes;
  }

  void putByte(int value) {
    ensure(1);
    segment.set(ValueLayout.JAVA_BYTE, position, (byte) value);
    position += 1;
  }

  void putShort(int value) {
    ensure(2);
    segment.set(SHORT, position, (short) value);
    position += 2;
  }

  void putInt(int value) {
    ensure(4);
    segment.set(INT, position, value);
    position += 4;
  }

  void putLong(long value) {
    ensure(8);
    segment.set(LONG, position, value);
    position += 8;
  }

  void putVarint(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      segment.set(ValueLayout.JAVA_BYTE, position++, (byte) (rest | 0x80));
      rest >>>= 7;
    }
    segment.set(ValueLayout.JAVA_BYTE, position++, (byte) rest);
  }

  void putBytes(MemorySegment source, long offset, int lengthBytes) {
    ensure(lengthBytes);
    MemorySegment.copy(source, offset, segment, position, lengthBytes);
    position += lengthBytes;
  }

  void putBytes(byte[] source, int offset, int lengthBytes) {
    ensure(lengthBytes);
    MemorySegment.copy(source, offset, segment, ValueLayout.JAVA_BYTE, position, lengthBytes);
    position += lengthBytes;
  }

  private void ensure(int more) {
    long needed = (long) position + more;
    if (needed > segment.byteSize()) {
      if (needed > Integer.MAX_VALUE / 2) {
        throw new IllegalArgumentException("a record of " + needed + " bytes is too long");
      }
      MemorySegment larger = allocate(Math.max(needed, 2 * segment.byteSize()));
      MemorySegment.copy(segment, 0, larger, 0, position);
      segment = larger;
    }
  }
}
