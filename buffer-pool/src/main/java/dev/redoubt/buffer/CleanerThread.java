package dev.redoubt.buffer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.Environment;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The thread that cleans in the background: victims that make room, and at the pace of {@link
 * PacedCleaner} what is due for restart. Thread-safe.
 */
final class CleanerThread {
  private final PacedCleaner cleaner;
  private final FrameSupply supply;
  private final PoolLog log;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread thread;

  @GuardedBy("lock")
  private boolean woken;

  private volatile boolean stopped;

  CleanerThread(PacedCleaner cleaner, FrameSupply supply, PoolLog log, Environment environment) {
    this.cleaner = cleaner;
    this.supply = supply;
    this.log = log;
    this.thread = environment.start("redoubt-page-cleaner", this::run);
  }

  /** Returns when the thread has ended. */
  void stop() {
    stopped = true;
    signal();
    Environment.awaitEnd(thread);
  }

  /** Has the thread look now. */
  void signal() {
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
        boolean hadVictims = supply.cleanAhead();
        long nanos = cleaner.cleanDue();
        if (nanos > 0 && !hadVictims) {
          pause(nanos);
        }
      }
    } catch (EngineHaltedException e) {
      // The gate is shut and knows why; nothing is left to do.
    } catch (Throwable e) {
      log.gate().halt(e);
    }
  }

  private void pause(long nanos) {
    lock.lock();
    try {
      long left = nanos;
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
