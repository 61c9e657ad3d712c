package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over segment files up to a durable end, above which it reads no byte: so what it has in
 * memory is never out of date. While a log is opened there is no such end yet, and nobody writes.
 * Holds the log where it stands, if it was given a hold.
 */
final class FileLogCursor implements LogCursor {
  /** Told of damage below the limit. */
  interface Judge {
    /** Returns if the log ends there; else throws what it is. */
    void met(FileLogCursor cursor, Damage damage);
  }

  private final LogGeometry geometry;
  private final BatchReader reader;
  private final LogScanner scanner;
  private final @Nullable LogHolder holder;
  private final Judge judge;
  private final long fromLsn;
  private long limit;
  private @Nullable ReadAhead readAhead;

  private boolean inBatch;
  private int at;
  private int following;
  private int batchEnd;
  private long lastRecordEnd;

  /**
   * @param fromLsn the first record at or above it comes first
   * @param isRecord whether a record is known to be there; then nothing before its batch is read
   * @param limit durable end of the log; {@code Long.MAX_VALUE}: to be found
   * @param holder closed with the cursor
   * @param judge says what damage below the limit is
   */
  FileLogCursor(
      Disk disk,
      LogGeometry geometry,
      Disk.Caching caching,
      long fromLsn,
      boolean isRecord,
      long limit,
      @Nullable LogHolder holder,
      Judge judge) {
    this.judge = judge;
    this.geometry = geometry;
    this.fromLsn = fromLsn;
    this.limit = limit;
    this.holder = holder;
    this.reader = new BatchReader(disk, geometry, caching);
    reader.readUpTo(limit);
    try {
      this.scanner =
          isRecord
              ? LogScanner.atRecord(reader, geometry, fromLsn)
              : LogScanner.atSegment(reader, geometry, geometry.segmentOf(fromLsn));
    } catch (Throwable failed) {
      reader.close();
      throw failed;
    }
  }

  /** Has the log transferred by another thread, which this cursor ends. Before the first record. */
  void readAheadBy(
      Disk from, Environment environment, LogGeometry of, Disk.Caching caching, long toLsn) {
    ReadAhead ahead =
        new ReadAhead(from, environment, of, caching, scanner.tail().nextLsn(), toLsn);
    reader.readFrom(ahead);
    readAhead = ahead;
  }

  /** From now on it reads by itself. */
  void stopReadingAhead() {
    ReadAhead ahead = readAhead;
    readAhead = null;
    reader.readFrom(null);
    if (ahead != null) {
      ahead.close();
    }
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

  LogScanner scanner() {
    return scanner;
  }

  /** Behind the last batch with records that it came to; 0 if there was none. */
  long lastRecordEnd() {
    return lastRecordEnd;
  }

  private boolean nextBatch() {
    if (!scanner.next(limit)) {
      Damage damage = scanner.damage();
      // A position that was never written in a log without batches: nothing is missing.
      if (damage != null && damage.lsn() < limit) {
        judge.met(this, damage);
      }
      return false;
    }
    if (holder != null && reader.lsn() == geometry.firstBatch(geometry.segmentOf(reader.lsn()))) {
      holder.advance(geometry.segmentStart(geometry.segmentOf(reader.lsn())));
    }
    if (reader.records() > 0) {
      lastRecordEnd = reader.endLsn();
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
    stopReadingAhead();
    reader.close();
    if (holder != null) {
      holder.close();
    }
  }
}
