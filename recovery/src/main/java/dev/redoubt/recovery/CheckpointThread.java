package dev.redoubt.recovery;

import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.Environment;
import dev.redoubt.wal.Log;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Takes checkpoints by log bytes and by time, whichever comes first. Thread-safe. */
final class CheckpointThread {
  /** How often the log's growth is looked at; a checkpoint may be late by as much. */
  private static final long LOOK_NANOS = Duration.ofMillis(50).toNanos();

  private final Engine engine;
  private final Log log;
  private final Environment environment;
  private final long bytes;
  private final long intervalNanos;
  private final Thread thread;
  private final ReentrantLock wakeLatch = new ReentrantLock();
  private final Condition wake = wakeLatch.newCondition();
  private volatile boolean stopped;

  CheckpointThread(Engine engine, EngineOptions options) {
    this.engine = engine;
    this.log = engine.log();
    this.environment = engine.environment();
    this.bytes = options.checkpointBytes();
    this.intervalNanos = options.checkpointInterval().toNanos();
    this.thread = environment.start("redoubt-checkpoint", this::run);
  }

  private void run() {
    long lastNanos = environment.nanoTime();
    long lastEndLsn = log.endLsn();
    while (pause()) {
      long endLsn = log.endLsn();
      boolean dueByBytes = endLsn - lastEndLsn >= bytes;
      boolean dueByTime =
          endLsn > lastEndLsn && environment.nanoTime() - lastNanos >= intervalNanos;
      if (dueByBytes || dueByTime) {
        if (!checkpoint()) {
          return;
        }
        lastNanos = environment.nanoTime();
        lastEndLsn = log.endLsn();
      }
    }
  }

  /** Whether to go on. */
  private boolean checkpoint() {
    try {
      engine.checkpoint();
      return true;
    } catch (DiskFullException full) {
      return true; // Nothing was changed; the next round tries again.
    } catch (Throwable failure) {
      log.gate().halt(failure);
      return false;
    }
  }

  private boolean pause() {
    wakeLatch.lock();
    try {
      long left = LOOK_NANOS;
      while (!stopped && left > 0) {
        left = wake.awaitNanos(left);
      }
    } catch (InterruptedException ignored) {
      // Nobody has business interrupting this thread; its own flag stops it.
    } finally {
      wakeLatch.unlock();
    }
    return !stopped && !log.gate().isHalted();
  }

  /** At return no checkpoint of this thread is under way, nor will be. */
  void stop() {
    wakeLatch.lock();
    try {
      stopped = true;
      wake.signalAll();
    } finally {
      wakeLatch.unlock();
    }
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
}
