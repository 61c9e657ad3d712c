package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import java.lang.foreign.MemorySegment;

/** A cursor over segment files up to a fixed durable end; holds the log where it stands. */
final class FileLogCursor implements LogCursor {
  private final Disk disk;
  private final LogGeometry geometry;
  private final BatchReader reader;
  private final LogScanner scanner;
  private final LogHolder holder;
  private final long fromLsn;
  private final long limit;

  private boolean inBatch;
  private int at;
  private int following;
  private int batchEnd;

  /**
   * @param fromLsn the first record at or above it comes first
   * @param limit durable end of the log
   * @param holder closed with the cursor
   */
  FileLogCursor(
      Disk disk,
      LogGeometry geometry,
      Disk.Caching caching,
      long fromLsn,
      long limit,
      LogHolder holder) {
    this.disk = disk;
    this.geometry = geometry;
    this.fromLsn = fromLsn;
    this.limit = limit;
    this.holder = holder;
    this.reader = new BatchReader(disk, geometry, caching);
    this.scanner = LogScanner.atSegment(reader, geometry, geometry.segmentOf(fromLsn));
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

  private boolean nextBatch() {
    if (!scanner.next(limit)) {
      Damage damage = scanner.damage();
      // A position that was never written in a log without batches: nothing is missing.
      if (damage != null && damage.lsn() < limit) {
        throw Corruptions.of(
            disk.description(),
            damage,
            "Everything below LSN " + limit + " was durable when the cursor was opened",
            "restore the file from a backup");
      }
      return false;
    }
    if (reader.lsn() == geometry.firstBatch(geometry.segmentOf(reader.lsn()))) {
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
    reader.close();
    holder.close();
  }
}
