package dev.redoubt.wal;

import dev.redoubt.io.Environment;
import dev.redoubt.io.StorageException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * A thread of the log's own that repeats a step: soon when asked, else after its interval while
 * there is something to do, else not before it is asked. Thread-safe.
 */
final class Housekeeper {
  /** What is repeated. */
  interface Step {
    /** Returns whether it wants to be called again after the interval without being asked. */
    boolean run();
  }

  private final Step step;
  private final Consumer<Throwable> failed;
  private final long intervalNanos;
  private final Thread thread;
  private volatile boolean asked;
  private volatile boolean idle;
  private volatile boolean stopped;

  /**
   * @param failed told, on the thread, of anything but a {@link StorageException}; the thread ends
   */
  Housekeeper(
      Environment environment,
      String name,
      long intervalNanos,
      Step step,
      Consumer<Throwable> failed) {
    this.step = step;
    this.failed = failed;
    this.intervalNanos = intervalNanos;
    this.thread = environment.start(name, this::repeat);
  }

  /** Has the step run soon. */
  void ask() {
    asked = true;
    LockSupport.unpark(thread);
  }

  /** Wakes the thread if nothing but this would. Cheap when it is awake anyway. */
  void askIfIdle() {
    if (idle) {
      idle = false;
      LockSupport.unpark(thread);
    }
  }

  private void repeat() {
    while (!stopped) {
      // Nobody has a right to interrupt this thread; left pending, it would keep park from waiting.
      var _ = Thread.interrupted();
      asked = false;
      boolean again;
      try {
        again = step.run();
      } catch (StorageException e) {
        // The gate is shut, or the disk full: whoever needs the work meets the same error.
        again = false;
      } catch (Throwable t) {
        failed.accept(t);
        return;
      }
      if (asked || stopped) {
        continue;
      }
      if (again) {
        idle = false;
        LockSupport.parkNanos(this, intervalNanos);
      } else if (!idle) {
        // Raised first, then one more step: what came between the last step and the flag is seen.
        idle = true;
        LockSupport.parkNanos(this, intervalNanos);
      } else {
        LockSupport.park(this);
      }
    }
  }

  /** Returns when the thread has ended; the step that runs is waited for. Not from the step. */
  void stop() {
    stopped = true;
    LockSupport.unpark(thread);
    Environment.awaitEnd(thread);
  }
}
