package dev.redoubt.wal;

import dev.redoubt.io.Environment;
import java.time.Instant;
import java.util.random.RandomGenerator;

/** Surroundings whose randomness comes from a seed: the same store ids each time. */
record SeededEnvironment(RandomGenerator random) implements Environment {
  @Override
  public Thread start(String name, Runnable body) {
    return Environment.system().start(name, body);
  }

  @Override
  public long nanoTime() {
    return 0;
  }

  @Override
  public Instant now() {
    return Instant.EPOCH;
  }
}
