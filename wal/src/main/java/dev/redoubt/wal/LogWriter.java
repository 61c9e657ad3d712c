package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.Environment;
import dev.redoubt.io.HaltGate;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.StorageIoException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The half of a log that writes: puts appender, leader, segments, reservations, futures and
 * background work together. Exists from {@link Log#startAppending} on. Thread-safe.
 *
 * <p>Two threads of its own, when they are wanted: one forces what nobody waits for, completes
 * futures and seals; the other makes segments ahead, which takes long and must keep nobody waiting.
 */
final class LogWriter implements Appender.Help, SegmentMaker.Marks {
  private final HaltGate gate;
  private final LogGeometry geometry;
  private final int epoch;
  private final Appender appender;
  private final BatchWriter batches;
  private final Forcer forcer;
  private final SegmentMaker maker;
  private final LogSpace space;
  private final AppendWaits waits = new AppendWaits();
  private final AsyncForces asyncs = new AsyncForces();
  private final @Nullable Housekeeper forceThread;
  private final @Nullable Housekeeper segmentThread;
  private final RestingPace resting;

  // Confined to the force thread, or to the callers of tick.
  private volatile long endAtLastStep;

  /**
   * @param maker knows the segments that exist; the one that holds the end among them
   * @param tail where appends go on
   * @param startLsn where the log starts at any moment
   * @param durableMoved run when the durable end has moved; must not block
   */
  LogWriter(
      Disk disk,
      Environment environment,
      HaltGate gate,
      LogGeometry geometry,
      LogOptions options,
      SegmentMaker maker,
      Tail tail,
      int epoch,
      LongSupplier startLsn,
      Runnable durableMoved) {
    this.gate = gate;
    this.geometry = geometry;
    this.epoch = epoch;
    this.maker = maker;
    int bufferBytes = options.bufferBytesFor(geometry);
    this.appender = new Appender(geometry, gate, this, bufferBytes, options.bufferCount(), tail);
    this.batches = new BatchWriter(disk, gate, geometry, appender, options, tail, epoch);
    this.forcer = new Forcer(gate, batches, durableMoved);
    this.space = new LogSpace(geometry, appender, maker, this, startLsn, bufferBytes);
    this.endAtLastStep = tail.endLsn();
    this.resting = new RestingPace(environment, space::left);
    if (options.background()) {
      // It takes two steps at most to notice an unforced record; a fifth is left for the force.
      long pause = Math.max(1, options.asyncForceInterval().toNanos() * 2 / 5);
      forceThread =
          new Housekeeper(
              environment, "redoubt-log-force", pause, this::forceStep, this::threadFailed);
      segmentThread =
          new Housekeeper(
              environment,
              "redoubt-log-segments",
              pause,
              () -> segmentStep(resting),
              this::threadFailed);
    } else {
      forceThread = null;
      segmentThread = null;
    }
  }

  Appender appender() {
    return appender;
  }

  BatchWriter batches() {
    return batches;
  }

  SegmentMaker maker() {
    return maker;
  }

  LogSpace space() {
    return space;
  }

  long append(MemorySegment source, long offset, int lengthBytes) {
    return appender.append(source, offset, lengthBytes);
  }

  void force(long target) {
    if (forceThread != null) {
      forcer.force(target);
    } else {
      tellFutures(() -> forcer.force(target));
    }
  }

  /** Completes the futures of what {@code work} made durable; fails them if it halted. */
  private void tellFutures(Runnable work) {
    try {
      work.run();
    } catch (EngineHaltedException e) {
      asyncs.complete(batches);
      asyncs.fail(e);
      throw e;
    }
    asyncs.complete(batches);
  }

  CompletableFuture<Void> forceAsync(long target) {
    if (gate.isHalted() && batches.durableEnd() < target) {
      return CompletableFuture.failedFuture(haltedException());
    }
    CompletableFuture<Void> future = asyncs.register(target);
    if (forceThread != null) {
      forceThread.ask();
    } else if (batches.durableEnd() >= target) {
      asyncs.complete(batches);
    }
    return future;
  }

  /** Everything the threads do, once, on the calling thread. */
  void tick() {
    tellFutures(
        () -> {
          if (batches.durableEnd() < appender.endLsn()) {
            forcer.force(appender.endLsn());
          } else if (batches.needsSeal()) {
            seal();
          }
        });
    segmentStep(SegmentMaker.Pace.HURRIED);
  }

  /** The force thread's: one look at the log after each pause, or when asked. */
  private boolean forceStep() {
    try {
      long end = appender.endLsn();
      long old = endAtLastStep;
      endAtLastStep = end;
      long wanted = Math.min(Math.max(old, asyncs.highestTarget()), end);
      boolean quiet = old == end;
      if (batches.durableEnd() < wanted) {
        forcer.force(wanted);
      }
      asyncs.complete(batches);
      if (quiet && batches.durableEnd() >= wanted && batches.needsSeal()) {
        seal();
        endAtLastStep = appender.endLsn();
      }
      return !quiet || batches.durableEnd() < appender.endLsn() || batches.needsSeal();
    } catch (EngineHaltedException e) {
      asyncs.complete(batches);
      asyncs.fail(e);
      return false;
    }
  }

  /** A thread met what it cannot go on from: nothing is done behind its back any more. */
  private void threadFailed(Throwable t) {
    asyncs.fail(gate.halt(t));
  }

  /** The empty batch needs a segment to stand in. */
  private void seal() {
    try {
      maker.makeUpTo(geometry.segmentOf(appender.nextBatchLsn()), this);
    } catch (StorageIoException e) {
      // Then the next segment's header, or the next master record, carries the watermark.
    }
    forcer.forceAndSeal();
  }

  private boolean segmentStep(SegmentMaker.Pace pace) {
    try {
      space.refill(pace);
    } catch (DiskFullException e) {
      // Whoever needs the space asks for it and gets the error.
    }
    return false;
  }

  @Override
  public void makeDurable(long lsn) {
    waits.stall(lsn, () -> force(lsn + 1));
  }

  @Override
  public void makeSegment(long index) {
    waits.lateSegment(index, () -> maker.makeUpTo(index, this));
  }

  @Override
  public boolean hasSegment(long index) {
    return index <= maker.lastMade();
  }

  @Override
  public void batchBegun(long segment) {
    if (forceThread != null) {
      forceThread.askIfIdle();
    }
    if (segmentThread != null && segment >= maker.lastMade()) {
      segmentThread.askIfIdle();
    }
  }

  @Override
  public long durableEnd() {
    return batches.durableEnd();
  }

  @Override
  public int epoch() {
    return epoch;
  }

  /** Whether a force is under way at this moment. */
  boolean isForcing() {
    return forcer.isLeading();
  }

  LogStats stats(long startLsn) {
    long durableEnd = batches.durableEnd();
    return new LogStats(
        startLsn,
        durableEnd,
        appender.endLsn(),
        (int) (maker.lastMade() + 1 - geometry.segmentOf(startLsn)),
        maker.spareCount(),
        space.promised(),
        appender.records(),
        appender.recordBytes(),
        batches.batches(),
        batches.forces(),
        waits.stalls(),
        waits.lateSegments());
  }

  /** Forces and seals everything, then gives up threads and files. Never throws for a halt. */
  void close() {
    appender.stop();
    try {
      forcer.force(appender.endLsn());
      if (batches.needsSeal()) {
        seal();
      }
    } catch (EngineHaltedException e) {
      // The next opening recovers.
    } finally {
      release();
    }
  }

  /** Gives up threads and files without writing anything more, as a crash would. */
  void abandon() {
    appender.stop();
    gate.halt(new IllegalStateException("the log was abandoned"));
    release();
  }

  private void release() {
    if (forceThread != null) {
      forceThread.stop();
    }
    if (segmentThread != null) {
      resting.hurry();
      segmentThread.stop();
    }
    forcer.awaitQuiet();
    asyncs.complete(batches);
    asyncs.fail(
        gate.isHalted() ? haltedException() : new IllegalStateException("the log is closed"));
    batches.close();
  }

  private StorageException haltedException() {
    try {
      gate.check();
    } catch (EngineHaltedException e) {
      return e;
    }
    throw new AssertionError("not halted");
  }
}
