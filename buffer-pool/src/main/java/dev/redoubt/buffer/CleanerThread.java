package dev.redoubt.buffer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.Environment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Cleans in the background so that the redo distance (oldest recLSN to the end of the log) stays
 * below its target. Thread-safe.
 *
 * <p>Paced: nothing below half of the target, then batches that grow with the distance, so that
 * pages go out evenly; above the target one batch after the other without a pause.
 */
final class CleanerThread {
  private static final long DEFAULT_REDO_TARGET_BYTES = 128L << 20;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Frames frames;
  private final PageCleaner cleaner;
  private final PoolLog log;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread thread;

  @GuardedBy("lock")
  private boolean woken;

  private volatile long redoTargetBytes = DEFAULT_REDO_TARGET_BYTES;
  private volatile boolean stopped;

  CleanerThread(Frames frames, PageCleaner cleaner, PoolLog log, Environment environment) {
    this.frames = frames;
    this.cleaner = cleaner;
    this.log = log;
    this.thread = environment.start("redoubt-page-cleaner", this::run);
  }

  void setRedoTarget(long bytes) {
    redoTargetBytes = bytes;
    signal();
  }

  /** Returns when the thread has ended. */
  void stop() {
    stopped = true;
    signal();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void signal() {
    lock.lock();
    try {
      woken = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (!stopped) {
        int pages = pagesDue();
        if (pages == 0 || cleaner.clean(List.of(), pages) == 0 || pages < cleaner.batchPages()) {
          pause();
        }
      }
    } catch (EngineHaltedException e) {
      // The gate is shut and knows why; nothing is left to do.
    } catch (Throwable e) {
      log.gate().halt(e);
    }
  }

  /** Pages to write now: none below half of the target, a full batch at it, or if few are clean. */
  private int pagesDue() {
    if (frames.dirtyCount() == 0) {
      return 0;
    }
    if (frames.dirtyCount() > frames.count() / 4 * 3) {
      return cleaner.batchPages(); // or those who need a frame would have to write first
    }
    long half = Math.max(1, redoTargetBytes / 2);
    long endLsn = log.endLsn();
    if (frames.isOldestAtLeast(endLsn - half, endLsn)) {
      return 0;
    }
    long distance = Math.max(half, endLsn - frames.oldestRecLsn());
    long due = (distance - half) * cleaner.batchPages() / half;
    return Math.clamp(due, 1, cleaner.batchPages());
  }

  private void pause() {
    lock.lock();
    try {
      long left = PAUSE_NANOS;
      while (!woken && left > 0) {
        left = changed.awaitNanos(left);
      }
      woken = false;
    } catch (InterruptedException e) {
      // Nobody has a reason to interrupt this thread: it is stopped by its flag.
    } finally {
      lock.unlock();
    }
  }
}
