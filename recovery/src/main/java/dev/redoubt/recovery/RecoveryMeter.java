package dev.redoubt.recovery;

import dev.redoubt.io.Environment;
import dev.redoubt.recovery.RecoveryListener.Phase;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/**
 * Turns what the passes report, record by record, into what a listener is told: rates and time
 * left, and not too often. Phases may alternate. Used by one thread at a time.
 */
final class RecoveryMeter {
  /** Tells nobody. */
  static final RecoveryMeter NONE = new RecoveryMeter(RecoveryListener.NONE, Environment.system());

  /** Between two looks at the clock: it costs as much as scanning a record. */
  private static final int RECORDS_A_LOOK = 64;

  private static final long BYTES_A_LOOK = 64 << 10;

  /** Of a phase, before its end is foretold. */
  private static final double ENOUGH = 0.01;

  private final RecoveryListener listener;
  private final boolean silent;
  private final Environment environment;
  private final long intervalNanos;
  private final Map<Phase, Long> starts = new EnumMap<>(Phase.class);
  private Phase phase = Phase.ANALYSIS;
  private long lookedCount;
  private long lookedLsn;
  private long toldNanos;

  RecoveryMeter(RecoveryListener listener, Environment environment) {
    this.listener = listener;
    this.silent = listener.equals(RecoveryListener.NONE);
    this.environment = environment;
    this.intervalNanos = listener.interval().toNanos();
  }

  /**
   * A pass has come to a record; cheap, to be called for each.
   *
   * @param toLsn where the phase will end
   * @param count records handled in this phase, this one included
   */
  void progress(Phase now, long lsn, long fromLsn, long toLsn, long count) {
    if (silent) {
      return;
    }
    boolean changed = now != phase || !starts.containsKey(now);
    if (!changed
        && intervalNanos > 0
        && count - lookedCount < RECORDS_A_LOOK
        && Math.abs(lsn - lookedLsn) < BYTES_A_LOOK) {
      return;
    }
    phase = now;
    lookedCount = count;
    lookedLsn = lsn;
    long nanos = environment.nanoTime();
    if (changed || nanos - toldNanos >= intervalNanos) {
      toldNanos = nanos;
      starts.putIfAbsent(now, nanos);
      tell(lsn, fromLsn, toLsn, count, nanos - starts.getOrDefault(now, nanos));
    }
  }

  private void tell(long lsn, long fromLsn, long toLsn, long count, long elapsedNanos) {
    Duration elapsed = Duration.ofNanos(elapsedNanos);
    RecoveryProgress told =
        new RecoveryProgress(
            phase,
            lsn,
            fromLsn,
            toLsn,
            count,
            elapsed,
            perSecond(Math.abs(lsn - fromLsn), elapsedNanos),
            perSecond(count, elapsedNanos),
            null);
    double done = told.fraction();
    if (done >= ENOUGH && elapsedNanos > 0) {
      Duration left = Duration.ofNanos(Math.round(elapsedNanos * (1 - done) / done));
      told =
          new RecoveryProgress(
              phase,
              lsn,
              fromLsn,
              toLsn,
              count,
              elapsed,
              told.bytesPerSecond(),
              told.recordsPerSecond(),
              left);
    }
    listener.progress(told);
  }

  private static long perSecond(long number, long nanos) {
    return nanos <= 0 ? 0 : Math.round(number * 1e9 / nanos);
  }
}
