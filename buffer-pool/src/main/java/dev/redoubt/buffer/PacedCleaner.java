package dev.redoubt.buffer;

import dev.redoubt.io.Environment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Cleans what is due by the {@link CleaningPace}: called again and again by the cleaner thread, or
 * by {@link BufferPool#cleanDue} where there is none. Thread-safe; one caller at a time cleans.
 */
final class PacedCleaner {
  private static final long DEFAULT_TARGET_BYTES = 128L << 20;
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long YIELD_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final PageCleaner cleaner;
  private final CleaningPace.View view;
  private final CleaningPace pace;
  private final ReentrantLock paceLock = new ReentrantLock();
  private final BehindWatch watch;
  private volatile long targetBytes = DEFAULT_TARGET_BYTES;
  private volatile boolean paused;

  PacedCleaner(Frames frames, PageCleaner cleaner, PoolLog log, Environment environment) {
    this.cleaner = cleaner;
    this.view = new FramesView(frames, log, environment);
    this.pace = new CleaningPace(frames.count(), cleaner.batchPages());
    this.watch = new BehindWatch();
  }

  void setTarget(long bytes) {
    targetBytes = bytes;
  }

  void pause(boolean on) {
    paused = on;
  }

  long targetBytes() {
    return targetBytes;
  }

  /**
   * Writes what is due now.
   *
   * @return nanoseconds until the next look; 0 if there is more to do at once
   * @throws dev.redoubt.io.EngineHaltedException if anything failed
   */
  long cleanDue() {
    if (paused) {
      return LOOK_NANOS;
    }
    paceLock.lock();
    try {
      int due = pace.pagesDue(view, targetBytes);
      watch.saw(pace.isBehind(), view, targetBytes);
      if (due == 0) {
        return view.forceAwaited() ? YIELD_NANOS : LOOK_NANOS;
      }
      int left = pace.isBehind() ? cleaner.clean(List.of(), due) : cleaner.cleanGently(due);
      pace.wrote(due);
      return pace.isBehind() && left > 0 ? 0 : LOOK_NANOS;
    } finally {
      paceLock.unlock();
    }
  }

  private record FramesView(Frames frames, PoolLog log, Environment environment)
      implements CleaningPace.View {
    @Override
    public long nanoTime() {
      return environment.nanoTime();
    }

    @Override
    public long endLsn() {
      return log.endLsn();
    }

    @Override
    public boolean forceAwaited() {
      return log.isForceAwaited();
    }

    @Override
    public int dirty() {
      return frames.dirtyCount();
    }

    @Override
    public long dirtied() {
      return frames.dirtied();
    }

    @Override
    public int dirtyBelow(long lsn) {
      return frames.dirtyBelow(lsn);
    }

    @Override
    public boolean isOldestAtLeast(long lsn, long endLsn) {
      return frames.isOldestAtLeast(lsn, endLsn);
    }
  }
}
