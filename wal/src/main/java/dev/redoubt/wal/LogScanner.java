package dev.redoubt.wal;

import org.jspecify.annotations.Nullable;

/**
 * Walks the chain of batches forward from the start of a segment, checking that each follows the
 * one before: sequence, predecessor's checksum, epoch; across segments, the header as well. Stops
 * at a limit or at the first damage; what the damage means is {@link EndOfLog}'s to say. Confined
 * to one thread at a time.
 */
final class LogScanner {
  /** Longer batches are possible, and then the segment is read from its start. */
  private static final long LOOK_BACK_BYTES = 8L << 20;

  private final BatchReader reader;
  private final LogGeometry geometry;
  private Tail tail;
  private long watermark;
  private boolean lastInSegment;
  private @Nullable Damage damage;

  // What is known of the last opening: from its LSN on it wrote all that counts.
  private long openedAtLsn = Long.MAX_VALUE;
  private int openedEpoch;

  private LogScanner(BatchReader reader, LogGeometry geometry) {
    this.reader = reader;
    this.geometry = geometry;
    this.tail = Tail.ofEmptyLog(geometry);
  }

  /** A scanner at the first batch of a segment; {@link #damage} is set if its header is damaged. */
  static LogScanner atSegment(BatchReader reader, LogGeometry geometry, long index) {
    LogScanner scanner = new LogScanner(reader, geometry);
    SegmentHeader.Reading reading = reader.header(index);
    scanner.damage = reading.damage() != null ? reading.damage() : scanner.begin(reading.valid());
    return scanner;
  }

  /**
   * A scanner at the batch that has the record at {@code recordLsn}, found by looking back from
   * there: what lies before it in the segment is not read. At the first batch of the segment if it
   * is not found, which a scan will then tell why.
   *
   * @param recordLsn of a record that is known to be in the log: where none is, a batch of an
   *     earlier, longer log may have been left
   */
  static LogScanner atRecord(BatchReader reader, LogGeometry geometry, long recordLsn) {
    LogScanner scanner = atSegment(reader, geometry, geometry.segmentOf(recordLsn));
    if (scanner.damage == null) {
      scanner.skipTo(recordLsn);
    }
    return scanner;
  }

  /**
   * Has batches at or above the watermark of a master record be of its epoch at least. An opening
   * writes its epoch there, and the end that it decided, before anything else: a batch of an
   * earlier epoch behind that end is one that it took for lost. Part of it may have been torn off
   * then and written again by this opening with the very same records, which makes it whole.
   */
  void expect(MasterRecord master) {
    openedAtLsn = master.watermarkLsn();
    openedEpoch = master.epoch();
  }

  private void skipTo(long recordLsn) {
    long first = tail.nextLsn();
    long block = recordLsn - recordLsn % LogLayout.BLOCK_BYTES;
    long last = Math.max(first, block - LOOK_BACK_BYTES);
    for (long at = block; at > last; at -= LogLayout.BLOCK_BYTES) {
      reader.loadUpTo(at, last);
      if (reader.read(at) == null && reader.endLsn() > recordLsn) {
        tail = new Tail(at, at, reader.sequence() - 1, reader.predecessorCrc(), reader.epoch());
        watermark = Math.max(watermark, reader.watermark());
        return;
      }
    }
  }

  private @Nullable Damage begin(SegmentHeader header) {
    if (!header.begun()) {
      return unused(header);
    }
    long first = geometry.firstBatch(header.index());
    tail =
        new Tail(
            first, first, header.predecessorSequence(), header.predecessorCrc(), header.epoch());
    watermark = Math.max(watermark, header.watermark());
    return null;
  }

  private Damage unused(SegmentHeader header) {
    return new Damage(
        Fault.HEADER_UNUSED,
        geometry.segmentStart(header.index()),
        LogLayout.segmentName(header.index()),
        0,
        "a segment in use",
        "one made ahead");
  }

  /**
   * Moves to the next batch, which {@link BatchReader} then shows.
   *
   * @param limit where to stop: no batch at or above is looked at
   * @return false at the limit, or at damage
   */
  boolean next(long limit) {
    if (damage != null || tail.endLsn() >= limit) {
      return false;
    }
    long at = tail.nextLsn();
    if (at != tail.endLsn()) {
      damage = crossInto(geometry.segmentOf(at));
    }
    if (damage == null) {
      damage = reader.read(at);
    }
    if (damage == null) {
      damage = checkChain();
    }
    if (damage != null) {
      return false;
    }
    watermark = Math.max(watermark, reader.watermark());
    lastInSegment = reader.isLastInSegment();
    long next = geometry.nextBatch(reader.endLsn(), lastInSegment);
    tail = new Tail(reader.endLsn(), next, reader.sequence(), reader.crc(), reader.epoch());
    return true;
  }

  private @Nullable Damage crossInto(long index) {
    SegmentHeader.Reading reading = reader.header(index);
    Damage wrong = reading.damage();
    if (wrong != null) {
      return lastInSegment && wrong.fault() == Fault.SEGMENT_MISSING ? wrong.lost() : wrong;
    }
    SegmentHeader header = reading.valid();
    if (!header.begun()) {
      return unused(header);
    }
    if (header.predecessorEnd() != tail.endLsn()
        || header.predecessorSequence() != tail.sequence()
        || header.predecessorCrc() != tail.crc()
        || header.epoch() < tail.epoch()) {
      return new Damage(
          Fault.HEADER_PREDECESSOR,
          geometry.segmentStart(index),
          LogLayout.segmentName(index),
          0,
          "after batch " + tail.sequence() + " that ends at " + tail.endLsn(),
          "after batch " + header.predecessorSequence() + " at " + header.predecessorEnd());
    }
    watermark = Math.max(watermark, header.watermark());
    // The header is written with the segment's first batch. A first batch of an earlier epoch is
    // one
    // that an earlier opening, which did not find this header, took for lost.
    tail = new Tail(tail.endLsn(), tail.nextLsn(), tail.sequence(), tail.crc(), header.epoch());
    return null;
  }

  private @Nullable Damage checkChain() {
    if (reader.sequence() != tail.sequence() + 1) {
      return reader.damage(
          Fault.BATCH_SEQUENCE, "" + (tail.sequence() + 1), "" + reader.sequence());
    }
    if (reader.predecessorCrc() != tail.crc()) {
      return reader.damage(
          Fault.BATCH_PREDECESSOR,
          Integer.toHexString(tail.crc()),
          Integer.toHexString(reader.predecessorCrc()));
    }
    int atLeast = tail.nextLsn() < openedAtLsn ? tail.epoch() : Math.max(tail.epoch(), openedEpoch);
    if (reader.epoch() < atLeast) {
      return reader.damage(Fault.BATCH_EPOCH, "at least " + atLeast, "" + reader.epoch());
    }
    return null;
  }

  /** Has the next {@link #next} look again at what was damage: it may have been written since. */
  void retry() {
    damage = null;
  }

  /** The end of the chain so far. */
  Tail tail() {
    return tail;
  }

  /** The highest watermark met so far. */
  long watermark() {
    return watermark;
  }

  /** Why the last {@link #next} returned false; null at the limit. */
  @Nullable Damage damage() {
    return damage;
  }
}
