package dev.redoubt.wal;

import dev.redoubt.io.StorageException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A tail cursor over segment files: a cursor whose limit is moved up to the durable end.
 *
 * <p>Order: the limit is read, then the files below it, then the start of the log. If the start is
 * then at or below what was read, nothing of it had been recycled when it was read.
 */
final class FileLogTail implements LogTail {
  /** Knows whether the place that the cursor was given is still its own. */
  interface Claim {
    /** Throws if the place has been lost. */
    void check();

    /** The exception for a place that was lost. */
    LogPositionLostException lost(long fromLsn, long toLsn);

    /** The cursor is closed. */
    void end();
  }

  /** Opens a cursor from an LSN below the durable end, which is its limit. */
  interface Cursors {
    FileLogCursor open(long fromLsn, long limit);
  }

  private static final long MOVED = -1;

  private final LogEnd end;
  private final boolean endIsMine;
  private final Claim claim;
  private final Cursors cursors;

  private @Nullable FileLogCursor cursor;
  private long position;
  private boolean onRecord;
  private boolean closed;

  /**
   * @param endIsMine whether it is closed with the cursor
   */
  FileLogTail(LogEnd end, boolean endIsMine, Claim claim, long fromLsn, Cursors cursors) {
    this.end = end;
    this.endIsMine = endIsMine;
    this.claim = claim;
    this.position = fromLsn;
    this.cursors = cursors;
  }

  @Override
  public boolean poll() {
    return step() == MOVED;
  }

  /** Moves if it can: {@link #MOVED}, or else the durable end that was looked at. */
  private long step() {
    checkOpen();
    if (end.isClosed()) {
      return 0;
    }
    claim.check();
    long seen;
    try {
      seen = end.durableEnd();
      if (advance(seen)) {
        return MOVED;
      }
    } catch (StorageException e) {
      if (end.isClosed()) {
        return 0;
      }
      throw lostOr(e);
    }
    end.checkAlive();
    return seen;
  }

  private boolean advance(long limit) {
    onRecord = false;
    if (limit <= position) {
      return false;
    }
    FileLogCursor reading = cursor;
    if (reading == null) {
      // Not before: the segment may have been made ahead only, and say nothing yet.
      reading = cursors.open(position, limit);
      cursor = reading;
    }
    reading.extendTo(limit);
    if (!reading.next()) {
      return false;
    }
    if (reading.lsn() < end.startLsn()) {
      throw claim.lost(position, end.startLsn());
    }
    position = reading.endLsn();
    onRecord = true;
    return true;
  }

  /** What could not be read may be gone rather than damaged. */
  private StorageException lostOr(StorageException e) {
    long start = end.startLsn();
    if (position >= start) {
      return e;
    }
    LogPositionLostException lost = claim.lost(position, start);
    lost.addSuppressed(e);
    return lost;
  }

  @Override
  public boolean next() throws InterruptedException {
    return nextWithin(Long.MAX_VALUE);
  }

  @Override
  public boolean next(Duration timeout) throws InterruptedException {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("a timeout is not negative: " + timeout);
    }
    boolean endless = timeout.compareTo(Duration.ofNanos(Long.MAX_VALUE)) >= 0;
    return nextWithin(endless ? Long.MAX_VALUE : timeout.toNanos());
  }

  private boolean nextWithin(long nanos) throws InterruptedException {
    long start = end.nanoTime();
    while (true) {
      long seen = step();
      if (seen == MOVED) {
        return true;
      }
      long left = nanos == Long.MAX_VALUE ? nanos : nanos - (end.nanoTime() - start);
      if (left <= 0 || end.isClosed()) {
        return false;
      }
      end.await(seen, left);
    }
  }

  @Override
  public boolean isLogClosed() {
    return end.isClosed();
  }

  @Override
  public long lsn() {
    return current().lsn();
  }

  @Override
  public MemorySegment payload() {
    return current().payload();
  }

  @Override
  public long positionLsn() {
    return position;
  }

  private FileLogCursor current() {
    FileLogCursor reading = cursor;
    if (!onRecord || reading == null) {
      throw new IllegalStateException("the cursor is on no record: no move has returned true");
    }
    return reading;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the tail cursor is closed");
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    onRecord = false;
    FileLogCursor reading = cursor;
    cursor = null;
    try {
      if (reading != null) {
        reading.close();
      }
    } finally {
      claim.end();
      if (endIsMine) {
        end.close();
      }
    }
  }
}
