package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.HaltGate;
import dev.redoubt.io.Invariant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * What the leader does: writes all cut batches in order, forces every segment they touch, then
 * moves the durable end. Confined to the leader ({@link Forcer} makes sure there is one at a time);
 * the durable end and the counters are read by anyone.
 *
 * <p>The steps of a round, and what breaks if two swap:
 *
 * <ol>
 *   <li>Cut the open batch: what was appended before the round is in it.
 *   <li>Finish each batch with the durable end of the <em>last</em> round as its watermark. A later
 *       value would call bytes forced that are not.
 *   <li>Write. On entering a segment, its header (who came before) and first batch go together.
 *   <li>Force every touched segment. Forcing only the last would acknowledge a tail that stands in
 *       the one before.
 *   <li>Free the buffers, then publish the durable end: whoever waited for a buffer finds it free.
 * </ol>
 */
final class BatchWriter {
  private final Disk disk;
  private final HaltGate gate;
  private final LogGeometry geometry;
  private final Appender appender;
  private final Disk.Caching caching;
  private final int epoch;
  private final Checksum checksum = new Checksum();
  private final Block header = new Block();

  // Confined to the leader.
  private Tail tail;
  private @Nullable DiskFile file;
  private long fileIndex = -1;
  private boolean dirty;

  /** Segments left behind in this round and not forced yet. */
  private final List<DiskFile> left = new ArrayList<>();

  private volatile long durableEnd;
  private volatile long lastRecordEnd;
  private final AtomicLong writtenWatermark;
  private final LongAdder batches = new LongAdder();
  private final LongAdder forces = new LongAdder();

  BatchWriter(
      Disk disk,
      HaltGate gate,
      LogGeometry geometry,
      Appender appender,
      LogOptions options,
      Tail tail,
      int epoch) {
    this.disk = disk;
    this.gate = gate;
    this.geometry = geometry;
    this.appender = appender;
    this.caching = options.caching();
    this.epoch = epoch;
    this.tail = tail;
    this.lastRecordEnd = tail.endLsn();
    this.durableEnd = tail.endLsn();
    this.writtenWatermark = new AtomicLong(tail.endLsn());
  }

  /** Everything below is forced: a record is durable if and only if this is above its LSN. */
  long durableEnd() {
    return durableEnd;
  }

  long batches() {
    return batches.sum();
  }

  long forces() {
    return forces.sum();
  }

  /** Somebody else (the master record) made it known on disk that all below is forced. */
  void watermarkWritten(long watermark) {
    writtenWatermark.accumulateAndGet(watermark, Math::max);
  }

  /** Whether the last records are durable but nothing on disk says so yet. */
  boolean needsSeal() {
    return lastRecordEnd > writtenWatermark.get();
  }

  /** One round; at return everything appended before the call is durable. */
  void writeRound() {
    long to = appender.cutForForce();
    long from = appender.firstCut();
    if (from == to) {
      return;
    }
    gate.check();
    ForceEvent event =
        FlightRecorder.isInitialized() && ForceEvent.isOn() ? new ForceEvent() : null;
    if (event != null) {
      event.begin();
    }
    long watermark = durableEnd;
    for (long number = from; number < to; number++) {
      BatchBuffer batch = appender.cutBatch(number);
      write(batch, watermark);
      if (event != null) {
        event.add(batch);
      }
    }
    forceTouched();
    if (event != null) {
      event.durableEndLsn = tail.endLsn();
      event.commit();
    }
    appender.free(to);
    Invariant.check(
        tail.endLsn() >= watermark, "the durable end never moves back", tail.endLsn(), watermark);
    durableEnd = tail.endLsn();
    watermarkWritten(watermark);
  }

  /** A round that also puts the watermark over the last records, by an empty batch if need be. */
  void writeRoundAndSeal() {
    writeRound();
    if (needsSeal() && appender.cutEmptyBatch()) {
      writeRound();
    }
  }

  private void write(BatchBuffer batch, long watermark) {
    Invariant.check(
        batch.lsn() == tail.nextLsn(), "batches are consecutive", batch.lsn(), tail.nextLsn());
    // I-3: a block that was forced is never written again.
    Invariant.check(batch.lsn() >= durableEnd, "I-3", batch.lsn(), durableEnd);
    long index = geometry.segmentOf(batch.lsn());
    DiskFile to = enter(index, batch.lsn() == geometry.firstBatch(index), watermark);
    int crc = batch.finish(geometry, tail, watermark, epoch, checksum);
    to.write(batch.image(), geometry.offsetOf(batch.lsn()));
    long next = geometry.nextBatch(batch.endLsn(), batch.isLastInSegment());
    tail = new Tail(batch.endLsn(), next, tail.sequence() + 1, crc, epoch);
    if (batch.records() > 0) {
      lastRecordEnd = batch.endLsn();
    }
    batches.increment();
  }

  /** The file of the segment, open from its first write to the force after its last. */
  private DiskFile enter(long index, boolean first, long watermark) {
    DiskFile current = file;
    if (current == null || fileIndex != index) {
      leave(current);
      current = disk.open(LogLayout.segmentName(index), Disk.Access.WRITE, caching);
      file = current;
      fileIndex = index;
    }
    dirty = true;
    // Segment 0 was begun, and forced, when the log was created, and a watermark says so: to write
    // its header again could damage what is known to be durable.
    if (first && index > 0) {
      SegmentHeader.begun(index, watermark, tail, epoch).encode(header, geometry);
      header.write(current, 0);
    }
    return current;
  }

  private void leave(@Nullable DiskFile current) {
    if (current == null) {
      return;
    }
    if (dirty) {
      left.add(current);
    } else {
      current.close();
    }
    dirty = false;
  }

  private void forceTouched() {
    for (DiskFile each : left) {
      each.force();
      forces.increment();
      each.close();
    }
    left.clear();
    DiskFile current = file;
    if (dirty && current != null) {
      current.force();
      forces.increment();
    }
    dirty = false;
  }

  /** Gives up the descriptors. Called when no leader can come any more. */
  void close() {
    left.forEach(DiskFile::close);
    left.clear();
    DiskFile current = file;
    file = null;
    if (current != null) {
      current.close();
    }
  }
}
