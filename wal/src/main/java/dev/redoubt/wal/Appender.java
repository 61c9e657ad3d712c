package dev.redoubt.wal;

import dev.redoubt.io.HaltGate;
import dev.redoubt.io.ShortLatch;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The append end of the log: gives out LSNs and copies records into the ring of batch buffers, all
 * under one short latch. Thread-safe.
 *
 * <p>Batches are numbered. {@code freed <= cut <= opened}: those in {@code [freed, cut)} are cut
 * and wait for the leader or are being written; {@code [cut, opened)} holds the open one, or none.
 * Batch {@code n} lives in buffer {@code n mod count} until it has been forced.
 *
 * <p>{@code endLsn} is stored after the record's bytes, under the latch; whoever reads it without
 * the latch sees a bound for records already copied. A cut moves it over the padding, so the
 * durable end never passes it.
 */
final class Appender {
  /** What stands between an appender and its record. */
  private enum Room {
    READY,
    RING_FULL,
    SEGMENT_NOT_MADE
  }

  /** Who gets rid of what stands in the way. Both calls may block; no latch is held. */
  interface Help {
    /** Returns when the batch that holds {@code lsn} is durable and its buffer free. */
    void makeDurable(long lsn);

    /**
     * Returns when the segment exists, ready for use.
     *
     * @throws dev.redoubt.io.DiskFullException if it cannot be made
     */
    void makeSegment(long index);

    /** Whether the segment exists; never blocks. */
    boolean hasSegment(long index);

    /**
     * Called under the append latch when a batch has got its first record, after that can be seen
     * in {@link Appender#endLsn}: who is woken by this must not look too early. Never blocks.
     */
    void batchBegun(long segment);
  }

  private final LogGeometry geometry;
  private final HaltGate gate;
  private final Help help;
  private final int bufferBytes;

  private final ReentrantLock appendLatch = new ShortLatch();

  // Guarded by appendLatch.
  private final @Nullable BatchBuffer[] ring;
  private long freed;
  private long cut;
  private long opened;
  private long nextBatchLsn;
  private long segmentWanted;
  private boolean stopped;
  private long records;
  private long recordBytes;

  private volatile long endLsn;

  Appender(
      LogGeometry geometry, HaltGate gate, Help help, int bufferBytes, int bufferCount, Tail tail) {
    this.geometry = geometry;
    this.gate = gate;
    this.help = help;
    this.bufferBytes = bufferBytes;
    this.ring = new BatchBuffer[bufferCount];
    this.nextBatchLsn = tail.nextLsn();
    this.endLsn = tail.endLsn();
  }

  long endLsn() {
    return endLsn;
  }

  int maxRecordBytes() {
    return bufferBytes - LogOptions.RECORD_OVERHEAD_BYTES;
  }

  long append(MemorySegment source, long offset, int lengthBytes) {
    int frameBytes = BatchLayout.FRAME_HEADER_BYTES + lengthBytes;
    while (true) {
      gate.check();
      Room room;
      long where;
      appendLatch.lock();
      try {
        checkNotStopped();
        room = makeRoom(frameBytes);
        if (room == Room.READY) {
          BatchBuffer open = buffer(cut);
          long lsn = open.append(source, offset, lengthBytes);
          count(lsn, frameBytes, open);
          return lsn;
        }
        where = room == Room.RING_FULL ? buffer(freed).lsn() : segmentWanted;
      } finally {
        appendLatch.unlock();
      }
      if (room == Room.RING_FULL) {
        help.makeDurable(where);
      } else {
        help.makeSegment(where);
      }
    }
  }

  /** Guarded by appendLatch. The record is in: its LSN is returned, or nothing goes on (rule 6). */
  private void count(long lsn, int frameBytes, BatchBuffer open) {
    try {
      records++;
      recordBytes += frameBytes;
      endLsn = lsn + frameBytes;
      if (open.records() == 1) {
        help.batchBegun(geometry.segmentOf(lsn));
      }
    } catch (Throwable t) {
      throw gate.halt(t);
    }
  }

  /** Guarded by appendLatch. READY means that the open batch has room for the frame. */
  private Room makeRoom(int frameBytes) {
    while (true) {
      if (opened > cut) {
        if (buffer(cut).fits(frameBytes)) {
          return Room.READY;
        }
        if (!segmentBehindIsReady(buffer(cut).endLsn(), frameBytes)) {
          return Room.SEGMENT_NOT_MADE;
        }
        cutOpenBatch(frameBytes);
      }
      if (!segmentBehindIsReady(nextBatchLsn, frameBytes)) {
        return Room.SEGMENT_NOT_MADE;
      }
      // If the rest of the segment is too short, an empty batch will say where the log goes on.
      Room room = openBatch();
      if (room != Room.READY) {
        return room;
      }
    }
  }

  /** Guarded by appendLatch. False if the frame needs the next segment and that does not exist. */
  private boolean segmentBehindIsReady(long batchLsn, int frameBytes) {
    long index = geometry.segmentOf(batchLsn - 1);
    long rest = geometry.segmentStart(index + 1) - batchLsn;
    boolean enough = BatchLayout.HEADER_BYTES + frameBytes <= rest;
    if (!enough && !help.hasSegment(index + 1)) {
      segmentWanted = index + 1;
      return false;
    }
    return true;
  }

  /** Guarded by appendLatch; no batch is open. */
  private Room openBatch() {
    if (opened - freed == ring.length) {
      return Room.RING_FULL;
    }
    segmentWanted = geometry.segmentOf(nextBatchLsn);
    if (!help.hasSegment(segmentWanted)) {
      return Room.SEGMENT_NOT_MADE;
    }
    int slot = (int) (opened % ring.length);
    BatchBuffer buffer = ring[slot];
    if (buffer == null) {
      buffer = new BatchBuffer(bufferBytes);
      ring[slot] = buffer;
    }
    buffer.open(nextBatchLsn, (int) Math.min(bufferBytes, geometry.restOfSegment(nextBatchLsn)));
    opened++;
    return Room.READY;
  }

  /**
   * Guarded by appendLatch. The batch is the last of its segment if the segment is full or has no
   * room for what comes next.
   */
  private void cutOpenBatch(int nextFrameBytes) {
    BatchBuffer buffer = buffer(cut);
    long end = buffer.endLsn();
    long index = geometry.segmentOf(buffer.lsn());
    long rest = geometry.segmentStart(index + 1) - end;
    // The flag promises that the next segment exists; at the very end its place is clear without.
    boolean last = BatchLayout.HEADER_BYTES + nextFrameBytes > rest && help.hasSegment(index + 1);
    buffer.cut(last);
    cut++;
    nextBatchLsn = geometry.nextBatch(end, last);
    endLsn = end;
  }

  /**
   * The leader's: cuts the open batch, if it has records, and hands over all that are cut.
   *
   * @return number after the last cut batch; the first is {@link #firstCut}
   */
  long cutForForce() {
    appendLatch.lock();
    try {
      if (opened > cut) {
        cutOpenBatch(0);
      }
      return cut;
    } finally {
      appendLatch.unlock();
    }
  }

  /** The leader's: an empty batch for sealing, cut at once; false if there is no place for it. */
  boolean cutEmptyBatch() {
    appendLatch.lock();
    try {
      if (opened > cut || openBatch() != Room.READY) {
        return false;
      }
      cutOpenBatch(0);
      return true;
    } finally {
      appendLatch.unlock();
    }
  }

  /** The leader's: number of the oldest batch not freed. Only the leader frees. */
  long firstCut() {
    appendLatch.lock();
    try {
      return freed;
    } finally {
      appendLatch.unlock();
    }
  }

  /** The leader's: a batch that is cut. */
  BatchBuffer cutBatch(long number) {
    appendLatch.lock();
    try {
      return buffer(number);
    } finally {
      appendLatch.unlock();
    }
  }

  /** The leader's: batches below {@code number} are durable and their buffers free. */
  void free(long number) {
    appendLatch.lock();
    try {
      freed = number;
    } finally {
      appendLatch.unlock();
    }
  }

  /** Nothing can be appended from here on; what was appended stays. */
  void stop() {
    appendLatch.lock();
    try {
      stopped = true;
    } finally {
      appendLatch.unlock();
    }
  }

  /**
   * A copy of a record that is still in the ring.
   *
   * @return null if the batch of that LSN is not in the ring (any more)
   * @throws dev.redoubt.io.CorruptionException if the batch is there and no record begins at the
   *     LSN
   */
  byte @Nullable [] read(long lsn) {
    appendLatch.lock();
    try {
      for (long n = freed; n < opened; n++) {
        BatchBuffer buffer = buffer(n);
        if (buffer.contains(lsn)) {
          byte[] copy = buffer.copyRecord(lsn);
          if (copy == null) {
            throw Corruptions.noRecordAt(lsn, "a batch not yet written");
          }
          return copy;
        }
      }
      return null;
    } finally {
      appendLatch.unlock();
    }
  }

  /** Where the next batch will stand, for the accounting of space. */
  long nextBatchLsn() {
    appendLatch.lock();
    try {
      return opened > cut ? buffer(cut).endLsn() : nextBatchLsn;
    } finally {
      appendLatch.unlock();
    }
  }

  long records() {
    appendLatch.lock();
    try {
      return records;
    } finally {
      appendLatch.unlock();
    }
  }

  long recordBytes() {
    appendLatch.lock();
    try {
      return recordBytes;
    } finally {
      appendLatch.unlock();
    }
  }

  private BatchBuffer buffer(long number) {
    BatchBuffer buffer = ring[(int) (number % ring.length)];
    if (buffer == null) {
      throw new AssertionError("batch " + number + " has no buffer");
    }
    return buffer;
  }

  private void checkNotStopped() {
    if (stopped) {
      throw new IllegalStateException("the log is closed");
    }
  }
}
