package dev.redoubt.wal;

import dev.redoubt.io.Environment;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Leaves the disk to others for four times as long as each piece took. A segment that is filled
 * without a rest keeps commits at half their rate for a tenth of a second.
 *
 * <p>But there is no rest while the log is catching up: while less of the segment is filled than
 * the log has used of half the space that was left when filling began. <em>Else a load of hundreds
 * of megabytes a second, which nobody waits for, soon waits for segments instead.</em>
 *
 * <p>Confined to the thread that makes segments, but for {@link #hurry}.
 */
final class RestingPace implements SegmentMaker.Pace {
  private static final int RESTS_PER_WORK = 4;
  private static final long MAX_REST_NANOS = 5_000_000;

  /** A segment is to be ready when so many times less of the space that is left has been used. */
  private static final double AHEAD = 2;

  private final Environment environment;
  private final LongSupplier leftBytes;
  private volatile boolean hurried;
  private long resumedNanos;
  private long leftAtFirst;

  /**
   * @param leftBytes log space that exists and is neither used nor promised
   */
  RestingPace(Environment environment, LongSupplier leftBytes) {
    this.environment = environment;
    this.leftBytes = leftBytes;
  }

  /** No rest any more: somebody waits for the thread to end. */
  void hurry() {
    hurried = true;
  }

  @Override
  public void begin() {
    resumedNanos = environment.nanoTime();
    leftAtFirst = leftBytes.getAsLong();
  }

  @Override
  public void rest(double filled) {
    if (!hurried && !isLate(filled)) {
      long took = environment.nanoTime() - resumedNanos;
      LockSupport.parkNanos(this, Math.min(RESTS_PER_WORK * took, MAX_REST_NANOS));
    }
    resumedNanos = environment.nanoTime();
  }

  private boolean isLate(double filled) {
    long used = leftAtFirst - leftBytes.getAsLong();
    return leftAtFirst <= 0 || filled * leftAtFirst < AHEAD * used;
  }
}
