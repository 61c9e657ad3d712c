package dev.redoubt.io;

import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * Everything the engine takes from its surroundings besides the disk: threads, time and randomness.
 * Simulations replace it; {@link #system} is the real one.
 */
public interface Environment {
  /** A new, started daemon thread. */
  Thread start(String name, Runnable body);

  /** Monotonic time in nanoseconds, for differences only. */
  long nanoTime();

  /** Wall-clock time, for reports only: nothing is ever decided by it. */
  Instant now();

  RandomGenerator random();

  static Environment system() {
    return SystemEnvironment.INSTANCE;
  }

  /**
   * Returns when {@code thread} has ended, interrupted or not; an interrupt that came meanwhile is
   * set again.
   */
  static void awaitEnd(Thread thread) {
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
