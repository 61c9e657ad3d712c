package dev.redoubt.wal;

import java.util.NavigableSet;
import java.util.function.LongPredicate;

/**
 * Looks behind damage for evidence that the damaged place was forced: watermarks in later valid
 * batches and in headers of later segments.
 *
 * <p>How far. Bytes written and not yet forced are at most the ring, U. So a batch that begins U or
 * more behind the damaged place P was written when P had been forced, and its watermark says so.
 * The first such batch begins within one longest batch of P + U. Had nothing been written so far
 * behind P, the sealing batch is the evidence, nearer still. (Rule 2.)
 *
 * <p>Blocks that cannot be read tell nothing either way, so they are no part of that distance: a
 * long run of them may hide what was forced, and what shows it stands behind.
 */
final class TailSearch {
  private final BatchReader reader;
  private final LogGeometry geometry;
  private final NavigableSet<Long> segments;
  private final LongPredicate unreadable;
  private long watermark;

  /**
   * @param unreadable whether the block at an LSN was shown as zeros because it cannot be read
   * @param watermark highest one known already
   */
  TailSearch(
      BatchReader reader,
      LogGeometry geometry,
      NavigableSet<Long> segments,
      LongPredicate unreadable,
      long watermark) {
    this.reader = reader;
    this.geometry = geometry;
    this.segments = segments;
    this.unreadable = unreadable;
    this.watermark = watermark;
  }

  /** The highest watermark found; the search stops at the first one above the damage. */
  long highestWatermark(Damage damage, long ringBytes, int batchBytes) {
    long from = damage.lsn();
    for (long index : segments.tailSet(geometry.segmentOf(from), false)) {
      if (watermark > from) {
        return watermark;
      }
      SegmentHeader.Reading header = reader.header(index);
      if (header.damage() == null) {
        watermark = Math.max(watermark, header.valid().watermark());
      }
      look(geometry.firstBatch(index));
    }
    // The damaged batch, the ring, the batch behind it, and the blocks lost at segment ends.
    long to = from + ringBytes + 3L * batchBytes;
    for (long at = from; at < to && watermark <= from; at += LogLayout.BLOCK_BYTES) {
      long index = geometry.segmentOf(at);
      if (!segments.contains(index)) {
        break;
      }
      if (geometry.offsetOf(at) == 0) {
        // What was not used of the segment before is no part of the distance.
        to += LogLayout.BLOCK_BYTES + batchBytes;
        continue;
      }
      look(at);
      if (unreadable.test(at)) {
        to += LogLayout.BLOCK_BYTES;
      }
    }
    return watermark;
  }

  private void look(long at) {
    if (reader.read(at) == null) {
      watermark = Math.max(watermark, reader.watermark());
    }
  }
}
