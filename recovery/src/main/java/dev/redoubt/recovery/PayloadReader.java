package dev.redoubt.recovery;

import dev.redoubt.io.CorruptionException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads the encodings of record payloads; whatever the bytes are, the answer is a value or a {@link
 * CorruptionException} that says where. Confined to one thread.
 */
final class PayloadReader {
  private static final byte[] NO_BYTES = {};

  private final MemorySegment segment;
  private final long lsn;
  private final byte[] head;
  private final int headBytes;
  private long position;

  PayloadReader(MemorySegment segment, long lsn) {
    this.segment = segment;
    this.lsn = lsn;
    this.head = NO_BYTES;
    this.headBytes = 0;
  }

  /**
   * For going through millions of records, at the start of a program above all: the first bytes are
   * copied to an array and read from there, which takes no calls.
   */
  PayloadReader(MemorySegment segment, long lsn, byte[] scratch) {
    this.segment = segment;
    this.lsn = lsn;
    this.head = scratch;
    this.headBytes = (int) Math.min(scratch.length, segment.byteSize());
    MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, 0, scratch, 0, headBytes);
  }

  long remaining() {
    return segment.byteSize() - position;
  }

  int getByte(String what) {
    if (position < headBytes) {
      return head[(int) position++] & 0xff;
    }
    need(1, what);
    return segment.get(ValueLayout.JAVA_BYTE, position++) & 0xff;
  }

  long getVarint(String what) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = getByte(what);
      if (shift > 0 && next == 0) {
        throw corrupt(what + " is not in its shortest form");
      }
      if (shift == 63 && next > 1) {
        throw corrupt(what + " does not fit 64 bits");
      }
      value |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw corrupt(what + " is longer than ten bytes");
  }

  /** A varint between {@code min} and {@code max}. */
  long getVarint(String what, long min, long max) {
    long value = getVarint(what);
    if (value < min || value > max) {
      throw corrupt(what + " expected from " + min + " to " + max + ", found " + value);
    }
    return value;
  }

  /** Of the record. */
  long lsn() {
    return lsn;
  }

  /** An LSN below the record's own: 0 or more. */
  long getLsn(String what) {
    return getVarint(what, 0, Long.MAX_VALUE);
  }

  MemorySegment getBytes(long lengthBytes, String what) {
    need(lengthBytes, what);
    MemorySegment bytes = segment.asSlice(position, lengthBytes);
    position += lengthBytes;
    return bytes;
  }

  /** Passes {@code lengthBytes} by. */
  void skip(long lengthBytes, String what) {
    need(lengthBytes, what);
    position += lengthBytes;
  }

  void expectEnd() {
    if (remaining() != 0) {
      throw corrupt("the record expected to end, found " + remaining() + " bytes more");
    }
  }

  CorruptionException corrupt(String problem) {
    return new CorruptionException(
        "log record at LSN "
            + lsn
            + ", byte "
            + position
            + " of "
            + segment.byteSize()
            + ": "
            + problem
            + "; the log was written by another program or is damaged, restore it from a copy");
  }

  private void need(long bytes, String what) {
    if (bytes > remaining()) {
      throw corrupt(what + " needs " + bytes + " bytes, found " + remaining());
    }
  }
}
