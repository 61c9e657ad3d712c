package dev.redoubt.wal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who keeps the log from being recycled, and where it therefore starts (I-7). Thread-safe: taking a
 * hold and moving the start exclude each other, so a hold that was granted is kept.
 *
 * <p>The holds of followers are bounded: one that would keep more than it may is passed over, and
 * dropped if the log then starts behind it. The same is seen after a restart from where it stood,
 * so nothing about it has to be written down.
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

  /** A hold that is respected always. */
  LogHolder hold(String name, long lsn) {
    return add(new Hold(name, lsn, Long.MAX_VALUE, null));
  }

  /**
   * The hold of a follower.
   *
   * @param maxRetainedBytes most log that it keeps, up to the durable end
   * @param told as for {@link LogHolder#droppable}
   */
  LogHolder hold(String name, long lsn, long maxRetainedBytes, Runnable told) {
    return add(new Hold(name, lsn, maxRetainedBytes, told));
  }

  private LogHolder add(Hold hold) {
    holdersLatch.lock();
    try {
      if (hold.lsn < startLsn) {
        throw new IllegalArgumentException(
            "LSN " + hold.lsn + " is no longer in the log, which starts at " + startLsn);
      }
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
   * Segments that have just left the log, to be recycled by whoever moved its start.
   *
   * @param from first of them
   * @param to behind the last
   */
  record Released(long from, long to) {}

  /**
   * Moves the start of the log to the first segment that is needed. At return the followers that it
   * left behind have been told.
   *
   * @param bound below which restart needs nothing; asked while no hold can be taken or given up
   * @param durableEnd what followers are measured by
   */
  Released moveStart(LongSupplier bound, long durableEnd) {
    Released released;
    List<Hold> passed;
    holdersLatch.lock();
    try {
      long limit = bound.getAsLong();
      for (Hold hold : holds) {
        if (hold.isWithinBound(durableEnd)) {
          limit = Math.min(limit, hold.lsn);
        }
      }
      long from = geometry.segmentOf(startLsn);
      long to = Math.max(from, geometry.segmentOf(limit));
      startLsn = geometry.segmentStart(to);
      released = new Released(from, to);
      passed = holds.stream().filter(hold -> hold.lsn < startLsn).toList();
    } finally {
      holdersLatch.unlock();
    }
    passed.forEach(Hold::drop);
    return released;
  }

  private final class Hold implements LogHolder {
    private final String name;
    private final long maxRetainedBytes;
    private volatile long lsn;

    // Guarded by holdersLatch.
    private final List<Runnable> watchers = new ArrayList<>();
    private @Nullable Runnable told;
    private boolean ended;

    Hold(String name, long lsn, long maxRetainedBytes, @Nullable Runnable told) {
      this.name = name;
      this.lsn = lsn;
      this.maxRetainedBytes = maxRetainedBytes;
      this.told = told;
    }

    /** Guarded by holdersLatch. False for good once the log starts behind it. */
    private boolean isWithinBound(long durableEnd) {
      return lsn >= startLsn && durableEnd - lsn <= maxRetainedBytes;
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
