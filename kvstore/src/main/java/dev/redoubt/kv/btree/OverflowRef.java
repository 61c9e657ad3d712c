package dev.redoubt.kv.btree;

import java.lang.foreign.MemorySegment;

/**
 * Where a large value is: what the cell holds in its place. 20 bytes, little-endian: first page u64
 * (0 for an empty value), length u64, CRC-32C of the value u32.
 */
record OverflowRef(long firstPage, long lengthBytes, int crc) {
  static final int BYTES = 20;

  byte[] encode() {
    byte[] bytes = new byte[BYTES];
    MemorySegment target = MemorySegment.ofArray(bytes);
    target.set(NodeLayout.LONG, 0, firstPage);
    target.set(NodeLayout.LONG, 8, lengthBytes);
    target.set(NodeLayout.INT, 16, crc);
    return bytes;
  }

  static OverflowRef decode(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "an overflow reference is " + BYTES + " bytes long, not " + bytes.length);
    }
    MemorySegment source = MemorySegment.ofArray(bytes);
    return new OverflowRef(
        source.get(NodeLayout.LONG, 0),
        source.get(NodeLayout.LONG, 8),
        source.get(NodeLayout.INT, 16));
  }
}
