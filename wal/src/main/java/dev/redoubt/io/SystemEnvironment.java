package dev.redoubt.io;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.random.RandomGenerator;

/** The real surroundings: platform daemon threads, the system's clocks, secure randomness. */
enum SystemEnvironment implements Environment {
  INSTANCE;

  /** Loaded when a store is created: opening one needs none of the JDK's security. */
  private static final class Randomness {
    static final SecureRandom SOURCE = new SecureRandom();
  }

  @Override
  public Thread start(String name, Runnable body) {
    return Thread.ofPlatform().daemon().name(name).start(body);
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public RandomGenerator random() {
    return Randomness.SOURCE;
  }
}
