package dev.redoubt.recovery;

import dev.redoubt.io.DiskFullException;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogReservation;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Space kept for the structure changes that undo may need (a split on the way back), which no
 * transaction's own reservation covers: log space here, pages at the end of the page file that
 * {@link SpaceMap} gives to undo alone. Only who undoes gets at it, by {@link
 * UndoContext#structureSpace}. It is filled again before undo takes from it, and at checkpoints,
 * when there is space; on a full disk it lasts for about 25 splits, ten of those with the largest
 * records, over all who roll back. Thread-safe.
 */
final class UndoSlack implements StructureSpace, AutoCloseable {
  /** Pages of the page file that only undo allocates. */
  static final int PAGES = 32;

  private final Log log;
  private final SpaceMap space;
  private final int pageSize;
  private final long wantedBytes;
  private final ReentrantLock slackLatch = new ReentrantLock();

  // Guarded by slackLatch. What is lent stays promised by the log until it is used: else others
  // could be promised the same.
  private @Nullable LogReservation held;
  private long lentBytes;

  UndoSlack(Log log, SpaceMap space, int pageSize) {
    this.log = log;
    this.space = space;
    this.pageSize = pageSize;
    this.wantedBytes = bytes(pageSize);
  }

  /** A split logs the half that moves, about half a page. */
  static long bytes(int pageSize) {
    return PAGES / 2L * pageSize + ChangeRoom.bytes(pageSize, 1);
  }

  @Override
  public ChangeRoom room(int changes) {
    long bytes = ChangeRoom.bytes(pageSize, changes);
    slackLatch.lock();
    try {
      if (availableBytes() - bytes < wantedBytes / 2) {
        refillLatched();
      }
      if (availableBytes() < bytes) {
        throw new DiskFullException(
            "the disk is full, and so is what was kept for undo: a split needs "
                + bytes
                + " bytes of log, "
                + availableBytes()
                + " are left. Nothing is lost: free some space, at least "
                + log.segmentBytes()
                + " bytes, and roll back, or open the store, again");
      }
      lentBytes += bytes;
    } finally {
      slackLatch.unlock();
    }
    return new ChangeRoom(this::settle, bytes);
  }

  @Override
  public void awaitRoom(int changes) {
    // Undo never waits.
  }

  @Override
  public long reservePage() {
    return space.reserveForUndo(this);
  }

  private void settle(long usedBytes, long unusedBytes) {
    slackLatch.lock();
    try {
      lentBytes -= usedBytes + unusedBytes;
      LogReservation reservation = held;
      if (reservation != null) {
        reservation.release(usedBytes);
      }
    } finally {
      slackLatch.unlock();
    }
  }

  private long availableBytes() {
    LogReservation reservation = held;
    return reservation == null ? 0 : reservation.remainingBytes() - lentBytes;
  }

  /** Tries to have the whole slack set aside; a full disk leaves it as it is. No latch is held. */
  void refill() {
    slackLatch.lock();
    try {
      refillLatched();
    } finally {
      slackLatch.unlock();
    }
  }

  private void refillLatched() {
    try {
      LogReservation reservation = held;
      if (reservation == null) {
        held = log.reserve(wantedBytes);
      } else if (availableBytes() < wantedBytes) {
        reservation.extend(wantedBytes - availableBytes());
      }
    } catch (DiskFullException full) {
      // What is held stays held; who needs more than that is told.
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
