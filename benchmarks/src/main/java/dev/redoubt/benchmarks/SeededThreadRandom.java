package dev.redoubt.benchmarks;

import java.lang.reflect.Field;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Seeds the calling thread's {@link ThreadLocalRandom}, which cannot be seeded: Caffeine's
 * admission draws from it, and figures are to be repeatable. Needs {@code java.lang} opened, which
 * the manifest of the jar asks for.
 */
final class SeededThreadRandom {
  private SeededThreadRandom() {}

  static void seed(long seed) throws ReflectiveOperationException {
    ThreadLocalRandom.current(); // or it would seed itself afterwards
    Field field = Thread.class.getDeclaredField("threadLocalRandomSeed");
    field.setAccessible(true);
    field.setLong(Thread.currentThread(), seed);
  }
}
