package dev.redoubt.recovery;

import dev.redoubt.io.Environment;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Surroundings in which a run without threads comes out the same, to the byte. */
final class FixedEnvironment implements Environment {
  private final SplittableRandom random = new SplittableRandom(1992);
  private long nanos;

  /** Nothing else moves the clock. */
  void advance(Duration time) {
    nanos += time.toNanos();
  }

  @Override
  public Thread start(String name, Runnable body) {
    throw new IllegalStateException("no thread is needed: " + name);
  }

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public Instant now() {
    return Instant.EPOCH;
  }

  @Override
  public RandomGenerator random() {
    return random;
  }
}
