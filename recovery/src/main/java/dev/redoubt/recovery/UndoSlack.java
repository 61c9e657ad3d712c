package dev.redoubt.recovery;

import dev.redoubt.io.DiskFullException;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogReservation;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Log space kept for the structure changes that undo may need (a split on the way back), which no
 * transaction's own reservation covers. Only while something rolls back may it be drawn on; it is
 * filled again when there is space. Thread-safe.
 */
final class UndoSlack implements AutoCloseable {
  /** A split logs about two pages; several levels may split at once. */
  private static final int PAGES = 16;

  private final Log log;
  private final long wantedBytes;
  private final AtomicInteger rollingBack = new AtomicInteger();
  private final ReentrantLock slackLatch = new ReentrantLock();
  private @Nullable LogReservation held;

  UndoSlack(Log log, int pageSize) {
    this.log = log;
    this.wantedBytes = bytes(pageSize);
  }

  static long bytes(int pageSize) {
    return (long) PAGES * pageSize;
  }

  void rollbackStarts() {
    rollingBack.incrementAndGet();
  }

  void rollbackEnds() {
    rollingBack.decrementAndGet();
  }

  /**
   * Sets aside space for one structure change.
   *
   * @throws DiskFullException if there is none and nothing rolls back, or the slack is used up
   */
  LogReservation reserveForChange(long bytes) {
    try {
      return log.reserve(bytes);
    } catch (DiskFullException full) {
      if (rollingBack.get() == 0 || !draw(bytes)) {
        throw full;
      }
      return log.reserve(0);
    }
  }

  private boolean draw(long bytes) {
    slackLatch.lock();
    try {
      LogReservation reservation = held;
      if (reservation == null || reservation.remainingBytes() < bytes) {
        return false;
      }
      reservation.release(bytes);
      return true;
    } finally {
      slackLatch.unlock();
    }
  }

  /** Tries to have the whole slack set aside; a full disk leaves it as it is. */
  void refill() {
    slackLatch.lock();
    try {
      LogReservation reservation = held;
      if (reservation == null) {
        held = log.reserve(wantedBytes);
      } else if (reservation.remainingBytes() < wantedBytes) {
        reservation.extend(wantedBytes - reservation.remainingBytes());
      }
    } catch (DiskFullException full) {
      // What is held stays held; the next checkpoint tries again.
    } finally {
      slackLatch.unlock();
    }
  }

  @Override
  public void close() {
    slackLatch.lock();
    try {
      LogReservation reservation = held;
      held = null;
      if (reservation != null) {
        reservation.close();
      }
    } finally {
      slackLatch.unlock();
    }
  }
}
