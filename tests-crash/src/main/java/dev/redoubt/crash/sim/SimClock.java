package dev.redoubt.crash.sim;

import dev.redoubt.io.Environment;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** What an engine takes from its surroundings, from a scheduler. */
final class SimClock implements Environment {
  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  private final Scheduler scheduler;
  private final SplittableRandom random;

  SimClock(Scheduler scheduler, SplittableRandom random) {
    this.scheduler = scheduler;
    this.random = random;
  }

  @Override
  public Thread start(String name, Runnable body) {
    return scheduler.spawn(name, body);
  }

  @Override
  public long nanoTime() {
    return scheduler.nanos();
  }

  @Override
  public Instant now() {
    return EPOCH.plusNanos(scheduler.nanos());
  }

  @Override
  public RandomGenerator random() {
    return random;
  }
}
