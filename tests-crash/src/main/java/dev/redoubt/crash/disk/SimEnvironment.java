package dev.redoubt.crash.disk;

import dev.redoubt.io.Environment;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Surroundings that are the same every time: a clock that moves by a microsecond at each look or
 * when told, random numbers from a seed, and no threads. A body that asks for a thread is refused,
 * or queued to be run by hand ({@link #runNext}). Confined to one thread.
 */
public final class SimEnvironment implements Environment {
  private static final long STEP_NANOS = 1_000;
  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  private final AtomicLong nanos = new AtomicLong();
  private final RandomGenerator random;
  private final boolean queueThreads;
  private final Deque<Runnable> queued = new ArrayDeque<>();

  private SimEnvironment(long seed, boolean queueThreads) {
    this.random = new SplittableRandom(seed);
    this.queueThreads = queueThreads;
  }

  /** Surroundings in which asking for a thread is an error. */
  public static SimEnvironment withoutThreads(long seed) {
    return new SimEnvironment(seed, false);
  }

  /** Surroundings in which bodies of threads wait until {@link #runNext} runs them. */
  public static SimEnvironment queueingThreads(long seed) {
    return new SimEnvironment(seed, true);
  }

  /**
   * Queues the body, or refuses.
   *
   * @return a thread that is never started: the body runs in the thread that calls {@link #runNext}
   * @throws IllegalStateException if these surroundings have no threads
   */
  @Override
  public Thread start(String name, Runnable body) {
    if (!queueThreads) {
      throw new IllegalStateException(
          "these surroundings are single-threaded; asked for a thread named " + name);
    }
    queued.add(body);
    return Thread.ofVirtual().name(name).unstarted(body);
  }

  /** Runs the oldest queued body to its end; false if there is none. */
  public boolean runNext() {
    Runnable body = queued.poll();
    if (body != null) {
      body.run();
    }
    return body != null;
  }

  /** Moves the clock on. */
  public void advance(long byNanos) {
    nanos.addAndGet(byNanos);
  }

  @Override
  public long nanoTime() {
    return nanos.addAndGet(STEP_NANOS);
  }

  @Override
  public Instant now() {
    return EPOCH.plusNanos(nanos.get());
  }

  @Override
  public RandomGenerator random() {
    return random;
  }
}
