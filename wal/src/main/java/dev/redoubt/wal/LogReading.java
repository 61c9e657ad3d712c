package dev.redoubt.wal;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.DiskLock;
import dev.redoubt.io.Environment;
import dev.redoubt.io.GatedDisk;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The half of a log that reads: what was found at opening, the master record, holders, cursors.
 * Thread-safe.
 */
final class LogReading {
  /** A transfer of so many bytes takes some three times as long as one of a single block. */
  private static final int WINDOW_BYTES = 64 << 10;

  private final GatedDisk disk;
  private final Disk.Caching caching;
  private final LogOpener.Found found;
  private final boolean inspection;
  private final Masters masters;
  private final Holders holders;
  private final RecordReader records;

  /**
   * @param disk behind the gate
   * @param found at the opening
   * @param inspection whether it is only looked at, perhaps while somebody writes it
   */
  LogReading(GatedDisk disk, LogOptions options, LogOpener.Found found, boolean inspection) {
    LogGeometry geometry = found.identity().geometry();
    this.disk = disk;
    this.caching = options.caching();
    this.found = found;
    this.inspection = inspection;
    this.masters = new Masters(disk, disk.gate(), geometry, found.slot());
    this.holders = new Holders(geometry, geometry.segmentStart(found.firstSegment()));
    this.records = new RecordReader(disk, geometry);
  }

  static void release(DiskLock lock, Throwable why) {
    try {
      lock.close();
    } catch (RuntimeException e) {
      why.addSuppressed(e);
    }
  }

  GatedDisk disk() {
    return disk;
  }

  /** Whether it was opened to be looked at, perhaps while somebody writes it. */
  boolean isInspection() {
    return inspection;
  }

  LogOpener.Found found() {
    return found;
  }

  LogGeometry geometry() {
    return found.identity().geometry();
  }

  Masters masters() {
    return masters;
  }

  Holders holders() {
    return holders;
  }

  RecordReader records() {
    return records;
  }

  /**
   * @param isRecord whether a record is known to be there; then nothing before its batch is read
   */
  FileLogCursor cursor(long fromLsn, boolean isRecord, long limit) {
    LogHolder holder = holdFrom(fromLsn);
    try {
      return cursor(holder.lsn(), isRecord || isRecord(fromLsn), limit, holder);
    } catch (Throwable t) {
      holder.close();
      throw t;
    }
  }

  /** The same, read ahead by a thread. */
  LogCursor cursorAhead(long fromLsn, boolean isRecord, long limit, Environment environment) {
    FileLogCursor cursor = cursor(fromLsn, isRecord, limit);
    try {
      cursor.readAheadBy(disk, environment, geometry(), caching, limit);
      return cursor;
    } catch (Throwable t) {
      cursor.close();
      throw t;
    }
  }

  /**
   * @param holder closed with the cursor; null if the place is held otherwise, or not at all
   */
  FileLogCursor cursor(long fromLsn, long limit, @Nullable LogHolder holder) {
    return cursor(fromLsn, isRecord(fromLsn), limit, holder);
  }

  private boolean isRecord(long lsn) {
    return lsn != 0 && lsn == masters.forced().checkpointLsn();
  }

  private FileLogCursor cursor(
      long fromLsn, boolean isRecord, long limit, @Nullable LogHolder holder) {
    return new FileLogCursor(
        disk,
        geometry(),
        caching,
        fromLsn,
        isRecord,
        limit,
        holder,
        (cursor, damage) -> refuse(damage, limit));
  }

  /** What a cursor met below its limit, which was durable then. */
  private void refuse(Damage damage, long limit) {
    long start = firstKept();
    if (damage.lsn() < start) {
      throw new LogPositionLostException(
          "a cursor", damage.lsn(), start, "the process that has the log open needs it no more");
    }
    throw Corruptions.of(
        disk.description(),
        damage,
        "Everything below LSN " + limit + " was durable when the cursor was opened",
        "restore the file from a backup, or " + CorruptionException.SALVAGE);
  }

  /** Over the whole log as it is held now, for its batches. */
  FileLogCursor usageCursor(long limit) {
    LogHolder holder = holdFrom(0);
    return cursor(holder.lsn(), limit, holder);
  }

  /** A reader of headers and batches; the caller closes it. */
  BatchReader batchReader() {
    return new BatchReader(disk, geometry(), caching);
  }

  /** Where the log starts now, whoever recycles it. */
  private long firstKept() {
    return inspection ? WatchedEnd.lowestSegment(disk.list(), geometry()) : holders.startLsn();
  }

  private LogHolder holdFrom(long fromLsn) {
    return fromLsn == 0 ? holdFrom("cursor", 0) : holders.hold("cursor", fromLsn);
  }

  /** A hold there, or at the start of the log if that is further on. */
  private LogHolder holdFrom(String name, long lsn) {
    while (true) {
      long start = holders.startLsn();
      try {
        return holders.hold(name, Math.max(start, lsn));
      } catch (IllegalArgumentException e) {
        if (holders.startLsn() == start) {
          throw e;
        }
        // The log was truncated in between: its start is further on.
      }
    }
  }

  /** Moves the start of the log as far as may be, then recycles the segments before it. */
  void truncate(LogWriter writer) {
    disk.gate().check();
    Holders.Released released =
        holders.moveStart(() -> masters.forced().boundLsn(), writer.durableEnd());
    DiskFullException full = null;
    for (long index = released.from(); index < released.to(); index++) {
      records.forget(index);
      try {
        writer.maker().retire(index);
      } catch (DiskFullException e) {
        full = e; // its file is gone; the others, which take space, have to go as well
      }
    }
    if (full != null) {
      throw full;
    }
  }

  /** Of a log that nothing is appended to. */
  LogStats stats() {
    long end = found.tail().endLsn();
    return new LogStats(
        holders.startLsn(), end, end, found.segments().size(), 0, 0, 0, 0, 0, 0, 0, 0);
  }

  /** One record; those not yet durable are looked for in the ring first. */
  byte[] read(long lsn, @Nullable LogWriter writer) {
    if (writer != null && lsn >= writer.durableEnd()) {
      byte[] copy = writer.appender().read(lsn);
      if (copy != null) {
        return copy;
      }
    }
    return records.read(lsn);
  }

  LogWindow window(LongSupplier durableEnd, LongFunction<byte[]> single) {
    return new FileLogWindow(records, geometry(), WINDOW_BYTES, durableEnd, single);
  }

  void writeMaster(LogWriter writer, long checkpointLsn, long boundLsn, boolean clean) {
    long watermark = writer.durableEnd();
    if (checkpointLsn < 0 || checkpointLsn >= watermark) {
      throw new IllegalArgumentException(
          "the checkpoint at " + checkpointLsn + " is not durable: " + watermark);
    }
    long start = holders.startLsn();
    if (boundLsn > watermark || (boundLsn < start && boundLsn != 0) || boundLsn < 0) {
      throw new IllegalArgumentException(
          "the bound " + boundLsn + " is outside the log, " + start + " to " + watermark);
    }
    // The last batch stays, whatever the bound: the chain goes on from it. Held until the slot is
    // forced: else whoever truncates meanwhile goes by the slot before, and the log starts behind
    // the bound.
    try (LogHolder bound = holdFrom("master record", Math.min(boundLsn, watermark - 1))) {
      masters.write(checkpointLsn, bound.lsn(), watermark, clean);
    }
    writer.batches().watermarkWritten(watermark);
  }

  /** Gives up the writing half as asked, then files and lock, whatever happens. */
  void close(@Nullable DiskLock lock, @Nullable LogWriter writer, Consumer<LogWriter> how) {
    try {
      if (writer != null) {
        how.accept(writer);
      }
    } finally {
      try {
        records.close();
      } finally {
        if (lock != null) {
          lock.close();
        }
      }
    }
  }
}
