package dev.redoubt.crash.store;

import dev.redoubt.io.Environment;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * A machine whose clocks are wrong: now and then the one that engines measure time by leaps, ahead
 * or also back, and each look at the wall clock gives another time. Thread-safe.
 */
final class JumpingClock implements Environment {
  /** Where the clock for differences leaps to. */
  enum Way {
    AHEAD,
    BOTH_WAYS
  }

  /** How far at most. */
  enum Span {
    HOUR(TimeUnit.HOURS.toNanos(1)),
    YEARS(TimeUnit.DAYS.toNanos(3650));

    private final long nanos;

    Span(long nanos) {
      this.nanos = nanos;
    }
  }

  private static final int ONE_IN = 40;

  private final Way way;
  private final Span span;
  private final AtomicLong jumps = new AtomicLong();
  private final AtomicLong calls = new AtomicLong();
  private final AtomicLong ahead = new AtomicLong();

  JumpingClock(Way way, Span span) {
    this.way = way;
    this.span = span;
  }

  long jumps() {
    return jumps.get();
  }

  @Override
  public Thread start(String name, Runnable body) {
    return Environment.system().start(name, body);
  }

  @Override
  public long nanoTime() {
    long call = calls.incrementAndGet();
    if (call % ONE_IN == 0) {
      jumps.incrementAndGet();
      long leap = new SplittableRandom(call).nextLong(span.nanos);
      switch (way) {
        case AHEAD -> ahead.addAndGet(leap); // sooner or later it overflows, as it may
        case BOTH_WAYS -> ahead.set(leap - span.nanos / 2);
      }
    }
    return System.nanoTime() + ahead.get();
  }

  @Override
  public Instant now() {
    long call = calls.incrementAndGet();
    return Instant.now().plusNanos(new SplittableRandom(call).nextLong(-span.nanos, span.nanos));
  }

  @Override
  public RandomGenerator random() {
    return Environment.system().random();
  }
}
