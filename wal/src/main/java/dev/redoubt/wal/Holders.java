package dev.redoubt.wal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who keeps the log from being recycled, and where it therefore starts (I-7). Thread-safe: taking a
 * hold and moving the start exclude each other, so a hold that was granted is kept.
 */
final class Holders {
  private final LogGeometry geometry;
  private final ReentrantLock holdersLatch = new ReentrantLock();
  private final List<Hold> holds = new ArrayList<>();
  private volatile long startLsn;

  Holders(LogGeometry geometry, long startLsn) {
    this.geometry = geometry;
    this.startLsn = startLsn;
  }

  long startLsn() {
    return startLsn;
  }

  LogHolder hold(String name, long lsn) {
    holdersLatch.lock();
    try {
      if (lsn < startLsn) {
        throw new IllegalArgumentException(
            "LSN " + lsn + " is no longer in the log, which starts at " + startLsn);
      }
      Hold hold = new Hold(name, lsn);
      holds.add(hold);
      return hold;
    } finally {
      holdersLatch.unlock();
    }
  }

  List<LogHolder> list() {
    holdersLatch.lock();
    try {
      return List.copyOf(holds);
    } finally {
      holdersLatch.unlock();
    }
  }

  /**
   * Moves the start of the log to the first segment that is needed, given that nothing below {@code
   * boundLsn} is needed by restart. Returns the new start.
   */
  long moveStart(long boundLsn) {
    holdersLatch.lock();
    try {
      long limit = boundLsn;
      for (Hold hold : holds) {
        limit = Math.min(limit, hold.lsn);
      }
      startLsn = Math.max(startLsn, geometry.segmentStart(geometry.segmentOf(limit)));
      return startLsn;
    } finally {
      holdersLatch.unlock();
    }
  }

  private final class Hold implements LogHolder {
    private final String name;
    private volatile long lsn;

    Hold(String name, long lsn) {
      this.name = name;
      this.lsn = lsn;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long lsn() {
      return lsn;
    }

    @Override
    public void advance(long to) {
      holdersLatch.lock();
      try {
        lsn = Math.max(lsn, to);
      } finally {
        holdersLatch.unlock();
      }
    }

    @Override
    public void close() {
      holdersLatch.lock();
      try {
        holds.remove(this);
      } finally {
        holdersLatch.unlock();
      }
    }

    @Override
    public String toString() {
      return name + " holds the log from " + lsn;
    }
  }
}
