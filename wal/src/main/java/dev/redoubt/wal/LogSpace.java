package dev.redoubt.wal;

import dev.redoubt.io.Invariant;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Accounts for log space that exists on disk, zero-filled and forced, against what has been
 * promised (rule 4). Thread-safe.
 *
 * <p>A promise of {@code n} bytes is counted as more: each batch may waste its header and up to a
 * block of padding, and the promise comes with the padding of two forces. Beyond all promises the
 * log keeps a segment in hand, when it can, for records that nobody reserved and for the padding of
 * further forces.
 */
final class LogSpace {
  private static final int BATCH_WASTE_BYTES = BatchLayout.HEADER_BYTES + LogLayout.BLOCK_BYTES;
  private static final int FORCES_INCLUDED = 2;

  private final LogGeometry geometry;
  private final Appender appender;
  private final SegmentMaker maker;
  private final SegmentMaker.Marks marks;
  private final LongSupplier startLsn;
  private final int bufferBytes;

  private final ReentrantLock spaceLatch = new ReentrantLock();

  /** Guarded by spaceLatch. */
  private long promised;

  LogSpace(
      LogGeometry geometry,
      Appender appender,
      SegmentMaker maker,
      SegmentMaker.Marks marks,
      LongSupplier startLsn,
      int bufferBytes) {
    this.geometry = geometry;
    this.appender = appender;
    this.maker = maker;
    this.marks = marks;
    this.startLsn = startLsn;
    this.bufferBytes = bufferBytes;
  }

  LogReservation reserve(long bytes) {
    Reservation reservation = new Reservation();
    if (bytes != 0) { // nothing is promised by one that is to grow: no latch for it
      reservation.extend(bytes);
    }
    return reservation;
  }

  /**
   * Keeps a segment ahead of the log and one in hand beyond all promises, as far as disk allows.
   */
  void refill(SegmentMaker.Pace pace) {
    maker.makeUpTo(geometry.segmentOf(appender.nextBatchLsn()) + 1, marks, pace);
    cover(promised() + geometry.segmentBytes(), pace);
  }

  /** All that is promised, padding included. */
  long promised() {
    spaceLatch.lock();
    try {
      return promised;
    } finally {
      spaceLatch.unlock();
    }
  }

  private void change(long difference) {
    spaceLatch.lock();
    try {
      promised += difference;
    } finally {
      spaceLatch.unlock();
    }
  }

  /** Promises so much if start to end and all promises then fit under {@code maxRetainedBytes}. */
  private boolean promise(long difference, long maxRetainedBytes) {
    spaceLatch.lock();
    try {
      long retained = appender.endLsn() - startLsn.getAsLong();
      if (retained + promised + difference > maxRetainedBytes) {
        return false;
      }
      promised += difference;
      return true;
    } finally {
      spaceLatch.unlock();
    }
  }

  /** What {@code bytes} of records may take on disk. */
  private long cost(long bytes) {
    if (bytes == 0) {
      return 0;
    }
    // A buffer that is full is at least half full: what did not fit is in the next one.
    long batches = bytes / (bufferBytes / 2) + FORCES_INCLUDED;
    return bytes + batches * BATCH_WASTE_BYTES;
  }

  /** Has spare segments made until the space that exists is at least {@code bytes}. */
  private void cover(long bytes, SegmentMaker.Pace pace) {
    long missing = bytes - inSegments(appender.nextBatchLsn());
    if (missing > 0) {
      maker.makeSpares((int) Math.ceilDiv(missing, usablePerSegment()), pace);
    }
  }

  /** What is left for records in the segments that exist, behind that place. */
  private long inSegments(long next) {
    long rest = Math.max(0, geometry.restOfSegment(next) - bufferBytes);
    long ahead = maker.lastMade() - geometry.segmentOf(next);
    return rest + Math.max(0, ahead) * usablePerSegment();
  }

  /** Space that exists and is not promised, about; negative if more is promised. */
  long left() {
    return inSegments(appender.endLsn()) + maker.spareCount() * usablePerSegment() - promised();
  }

  /** The end of a segment may stay unused, for want of room for the next record. */
  private long usablePerSegment() {
    int payload = geometry.segmentBytes() - LogLayout.BLOCK_BYTES;
    return (long) payload - Math.min(bufferBytes, payload / 2);
  }

  private final class Reservation implements LogReservation {
    private long remaining;
    private boolean closed;

    @Override
    public long remainingBytes() {
      return remaining;
    }

    @Override
    public void extend(long bytes) {
      boolean done = tryExtend(bytes, Long.MAX_VALUE);
      Invariant.check(done, "no log is that long", bytes, remaining);
    }

    @Override
    public boolean tryExtend(long bytes, long maxRetainedBytes) {
      if (bytes < 0 || closed) {
        throw new IllegalArgumentException(closed ? "closed" : "negative: " + bytes);
      }
      long difference = cost(remaining + bytes) - cost(remaining);
      // Promised before it is looked for, so that two who ask at once do not count the same space.
      if (!promise(difference, maxRetainedBytes)) {
        return false;
      }
      try {
        cover(promised(), SegmentMaker.Pace.HURRIED);
      } catch (Throwable t) {
        change(-difference);
        throw t;
      }
      remaining += bytes;
      return true;
    }

    @Override
    public void release(long bytes) {
      if (bytes < 0) {
        throw new IllegalArgumentException("negative: " + bytes);
      }
      long less = Math.max(0, remaining - bytes);
      change(cost(less) - cost(remaining));
      remaining = less;
    }

    @Override
    public void close() {
      release(remaining);
      closed = true;
    }
  }
}
