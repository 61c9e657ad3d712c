package dev.redoubt.recovery;

import dev.redoubt.recovery.RecoveryListener.Phase;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How far a phase of restart has come.
 *
 * @param phase the phase
 * @param lsn the record it has come to
 * @param fromLsn where it began
 * @param toLsn where it will end; below {@code fromLsn} for undo, which goes backwards
 * @param count records handled in this phase so far
 * @param elapsed time since its first record
 * @param bytesPerSecond log handled a second, so far; 0 before any time has passed
 * @param recordsPerSecond records handled a second, likewise
 * @param timeLeft of this phase, if it goes on at its rate so far; null while too little is done to
 *     tell
 */
public record RecoveryProgress(
    Phase phase,
    long lsn,
    long fromLsn,
    long toLsn,
    long count,
    Duration elapsed,
    long bytesPerSecond,
    long recordsPerSecond,
    @Nullable Duration timeLeft) {
  /** What part of the phase's log is behind it, 0 to 1. */
  public double fraction() {
    long length = Math.abs(toLsn - fromLsn);
    return length == 0 ? 1 : Math.min(1, (double) Math.abs(lsn - fromLsn) / length);
  }
}
