package dev.redoubt.wal;

import dev.redoubt.io.Environment;
import java.util.concurrent.locks.LockSupport;

/**
 * Leaves the disk to others for four times as long as each piece took. A segment that is filled
 * without a rest keeps commits at half their rate for a tenth of a second. Confined to the thread
 * that makes segments, but for {@link #hurry}.
 */
final class RestingPace implements SegmentMaker.Pace {
  private static final int RESTS_PER_WORK = 4;
  private static final long MAX_REST_NANOS = 5_000_000;

  private final Environment environment;
  private volatile boolean hurried;
  private long resumedNanos;

  RestingPace(Environment environment) {
    this.environment = environment;
  }

  /** Work begins. */
  RestingPace begin() {
    resumedNanos = environment.nanoTime();
    return this;
  }

  /** No rest any more: somebody waits for the thread to end. */
  void hurry() {
    hurried = true;
  }

  @Override
  public void rest() {
    if (!hurried) {
      long took = environment.nanoTime() - resumedNanos;
      LockSupport.parkNanos(this, Math.min(RESTS_PER_WORK * took, MAX_REST_NANOS));
      resumedNanos = environment.nanoTime();
    }
  }
}
