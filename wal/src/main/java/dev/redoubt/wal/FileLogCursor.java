package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over segment files up to a durable end, above which it reads no byte: so what it has in
 * memory is never out of date. Holds the log where it stands, if it was given a hold.
 */
final class FileLogCursor implements LogCursor {
  private final Disk disk;
  private final LogGeometry geometry;
  private final BatchReader reader;
  private final LogScanner scanner;
  private final @Nullable LogHolder holder;
  private final LongSupplier firstKept;
  private final long fromLsn;
  private long limit;
  private @Nullable ReadAhead readAhead;

  private boolean inBatch;
  private int at;
  private int following;
  private int batchEnd;

  /**
   * @param fromLsn the first record at or above it comes first
   * @param isRecord whether a record is known to be there; then nothing before its batch is read
   * @param limit durable end of the log
   * @param holder closed with the cursor
   * @param firstKept where the log starts now, for a cursor that does not hold it
   */
  FileLogCursor(
      Disk disk,
      LogGeometry geometry,
      Disk.Caching caching,
      long fromLsn,
      boolean isRecord,
      long limit,
      @Nullable LogHolder holder,
      LongSupplier firstKept) {
    this.firstKept = firstKept;
    this.disk = disk;
    this.geometry = geometry;
    this.fromLsn = fromLsn;
    this.limit = limit;
    this.holder = holder;
    this.reader = new BatchReader(disk, geometry, caching);
    reader.readUpTo(limit);
    this.scanner =
        isRecord
            ? LogScanner.atRecord(reader, geometry, fromLsn)
            : LogScanner.atSegment(reader, geometry, geometry.segmentOf(fromLsn));
  }

  /** Has the log transferred by another thread, which this cursor ends. Before the first record. */
  void readAheadBy(Environment environment, LogGeometry of, Disk.Caching caching) {
    ReadAhead ahead =
        new ReadAhead(disk, environment, of, caching, scanner.tail().nextLsn(), limit);
    reader.readFrom(ahead);
    readAhead = ahead;
  }

  /** Goes on to a durable end that is further on. */
  void extendTo(long newLimit) {
    limit = newLimit;
    reader.readUpTo(newLimit);
  }

  @Override
  public boolean next() {
    while (true) {
      while (following >= batchEnd) {
        inBatch = false;
        if (!nextBatch()) {
          return false;
        }
      }
      at = following;
      following = at + BatchLayout.FRAME_HEADER_BYTES + reader.recordLength(at);
      inBatch = true;
      if (lsn() >= fromLsn) {
        return true;
      }
    }
  }

  /** Moves to the next batch, for those who look at batches; not to be mixed with {@link #next}. */
  boolean nextWholeBatch() {
    return nextBatch();
  }

  BatchReader batch() {
    return reader;
  }

  private boolean nextBatch() {
    if (!scanner.next(limit)) {
      Damage damage = scanner.damage();
      // A position that was never written in a log without batches: nothing is missing.
      if (damage != null && damage.lsn() < limit) {
        long start = firstKept.getAsLong();
        if (damage.lsn() < start) {
          throw new LogPositionLostException(
              "a cursor",
              damage.lsn(),
              start,
              "the process that has the log open needs it no more");
        }
        throw Corruptions.of(
            disk.description(),
            damage,
            "Everything below LSN " + limit + " was durable when the cursor was opened",
            "restore the file from a backup");
      }
      return false;
    }
    if (holder != null && reader.lsn() == geometry.firstBatch(geometry.segmentOf(reader.lsn()))) {
      holder.advance(geometry.segmentStart(geometry.segmentOf(reader.lsn())));
    }
    following = BatchLayout.HEADER_BYTES;
    batchEnd = BatchLayout.HEADER_BYTES + reader.payloadBytes();
    return true;
  }

  @Override
  public long lsn() {
    checkInBatch();
    return reader.lsn() + at;
  }

  @Override
  public long endLsn() {
    checkInBatch();
    return reader.lsn() + following;
  }

  @Override
  public MemorySegment payload() {
    checkInBatch();
    return reader.record(at);
  }

  private void checkInBatch() {
    if (!inBatch) {
      throw new IllegalStateException("the cursor is on no record: next() has not returned true");
    }
  }

  @Override
  public void close() {
    if (readAhead != null) {
      readAhead.close();
    }
    reader.close();
    if (holder != null) {
      holder.close();
    }
  }
}
