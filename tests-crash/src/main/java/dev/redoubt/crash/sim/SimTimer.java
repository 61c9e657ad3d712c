package dev.redoubt.crash.sim;

import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The end of a timed wait on the virtual clock. Ordered by time, then by age. */
final class SimTimer extends FutureTask<Void> implements ScheduledFuture<Void> {
  private final LongSupplier clock;
  private final long atNanos;
  private final long number;

  SimTimer(Runnable action, LongSupplier clock, long atNanos, long number) {
    super(action, null);
    this.clock = clock;
    this.atNanos = atNanos;
    this.number = number;
  }

  long atNanos() {
    return atNanos;
  }

  @Override
  public long getDelay(TimeUnit unit) {
    return unit.convert(atNanos - clock.getAsLong(), TimeUnit.NANOSECONDS);
  }

  @Override
  public int compareTo(Delayed other) {
    SimTimer timer = (SimTimer) other;
    int byTime = Long.compare(atNanos, timer.atNanos);
    return byTime != 0 ? byTime : Long.compare(number, timer.number);
  }
}
