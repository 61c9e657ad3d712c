package dev.redoubt.wal;

import java.util.UUID;

/**
 * Where LSNs lie in files, and what checksums are seeded with: fixed for the life of a log.
 *
 * @param storeId made at random when the log was created
 * @param segmentBytes length of a segment, its header block included
 */
record LogGeometry(UUID storeId, int segmentBytes) {
  long segmentOf(long lsn) {
    return lsn / segmentBytes;
  }

  long segmentStart(long index) {
    return index * segmentBytes;
  }

  /** LSN of the first batch of a segment. */
  long firstBatch(long index) {
    return segmentStart(index) + LogLayout.BLOCK_BYTES;
  }

  /** Where the batch behind one that ends at {@code endLsn} stands. */
  long nextBatch(long endLsn, boolean lastInSegment) {
    return lastInSegment || offsetOf(endLsn) == 0 ? firstBatch(segmentOf(endLsn - 1) + 1) : endLsn;
  }

  /** Offset in its segment file. */
  long offsetOf(long lsn) {
    return lsn % segmentBytes;
  }

  /** Bytes from {@code lsn} to the end of its segment. */
  long restOfSegment(long lsn) {
    return segmentBytes - offsetOf(lsn);
  }

  /** The store id in eight bytes, for headers that are compared with it explicitly. */
  long storeTag() {
    return storeId.getMostSignificantBits() ^ storeId.getLeastSignificantBits();
  }

  /** What a checksum at this LSN is mixed with, so that no other place or store can pass for it. */
  int seed(long lsn) {
    // SplitMix64's finalizer (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
    // Generators").
    long z = storeTag() + lsn * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return (int) ((z ^ (z >>> 31)) >>> 32);
  }
}
