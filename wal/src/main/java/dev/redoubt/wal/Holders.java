package dev.redoubt.wal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

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

    // Guarded by holdersLatch.
    private final List<Runnable> watchers = new ArrayList<>();
    private @Nullable Runnable told;
    private boolean ended;

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
      List<Runnable> moved;
      holdersLatch.lock();
      try {
        moved = to > lsn ? takeWatchers() : List.of();
        lsn = Math.max(lsn, to);
      } finally {
        holdersLatch.unlock();
      }
      moved.forEach(Runnable::run);
    }

    @Override
    public LogHolder droppable(Runnable onDrop) {
      holdersLatch.lock();
      try {
        told = onDrop;
        return this;
      } finally {
        holdersLatch.unlock();
      }
    }

    @Override
    public boolean drop() {
      Runnable onDrop;
      holdersLatch.lock();
      try {
        onDrop = told;
        if (ended || onDrop == null) {
          return ended;
        }
        told = () -> {}; // once, whoever drops
      } finally {
        holdersLatch.unlock();
      }
      onDrop.run();
      close();
      return true;
    }

    @Override
    public void onMoveFrom(long from, Runnable action) {
      holdersLatch.lock();
      try {
        if (!ended && lsn == from) {
          watchers.add(action);
          return;
        }
      } finally {
        holdersLatch.unlock();
      }
      action.run();
    }

    @Override
    public void close() {
      List<Runnable> moved;
      holdersLatch.lock();
      try {
        ended = true;
        holds.remove(this);
        moved = takeWatchers();
      } finally {
        holdersLatch.unlock();
      }
      moved.forEach(Runnable::run);
    }

    private List<Runnable> takeWatchers() {
      List<Runnable> taken = List.copyOf(watchers);
      watchers.clear();
      return taken;
    }

    @Override
    public String toString() {
      return name + " holds the log from " + lsn;
    }
  }
}
