package dev.redoubt.recovery;

import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.Environment;
import dev.redoubt.wal.Log;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Keeps the pace, and takes checkpoints by log bytes and by time. Thread-safe. */
final class CheckpointThread {
  /** How often the log's growth is looked at; a checkpoint may be late by as much. */
  private static final long LOOK_NANOS = Duration.ofMillis(50).toNanos();

  private final Engine engine;
  private final Log log;
  private final Pacing pacing;
  private final Thread thread;
  private final ReentrantLock wakeLatch = new ReentrantLock();
  private final Condition wake = wakeLatch.newCondition();
  private volatile boolean stopped;

  CheckpointThread(Engine engine) {
    this.engine = engine;
    this.log = engine.log();
    this.pacing = engine.pacing();
    this.thread = engine.environment().start("redoubt-checkpoint", this::run);
  }

  private void run() {
    try {
      boolean goOn = true;
      while (goOn && pause()) {
        pacing.update();
        if (pacing.isCheckpointDue()) {
          goOn = checkpoint();
        }
      }
    } catch (Throwable failure) { // a full heap, say: nobody may go on without checkpoints unseen
      log.gate().halt(failure);
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
    Environment.awaitEnd(thread);
  }
}
