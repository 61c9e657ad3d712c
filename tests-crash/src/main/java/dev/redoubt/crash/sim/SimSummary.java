package dev.redoubt.crash.sim;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Many runs together.
 *
 * @param firstSeed that the seeds were drawn from
 * @param runs tried
 * @param lives begun
 * @param crashes among their ends
 * @param struck lives with a fault that struck
 * @param steps of all threads
 * @param nanos real time
 * @param failed the run that failed, or null
 */
public record SimSummary(
    long firstSeed,
    long runs,
    long lives,
    long crashes,
    long struck,
    long steps,
    long nanos,
    @Nullable SimReport failed) {
  private static final double NANOS_PER_SECOND = 1e9;

  static SimSummary none(long firstSeed) {
    return new SimSummary(firstSeed, 0, 0, 0, 0, 0, 0, null);
  }

  /** One run alone. */
  static SimSummary of(SimReport report) {
    return none(report.seed()).with(report, 1);
  }

  SimSummary with(SimReport report, long untilNow) {
    return new SimSummary(
        firstSeed,
        runs + 1,
        lives + report.lives(),
        crashes + report.crashes(),
        struck + report.struck(),
        steps + report.steps(),
        untilNow,
        report.failure() == null ? failed : report);
  }

  /**
   * Nothing, if all went well.
   *
   * @throws AssertionError with the line that replays the failing seed, and the first of what was
   *     wrong
   */
  public void orThrow() {
    if (failed != null) {
      String wrong = String.valueOf(failed.failure()).lines().findFirst().orElse("");
      throw new AssertionError(failed.replay() + ": " + wrong, failed.failure());
    }
  }

  @Override
  public String toString() {
    double seconds = nanos / NANOS_PER_SECOND;
    return String.format(
        Locale.ROOT,
        "simulated %,d runs from seed %d: %,d lives, %,d crashes, %,d lives with faults, %,d steps"
            + " in %.1f s (%.0f runs/s, %,.0f steps/s)%s",
        runs,
        firstSeed,
        lives,
        crashes,
        struck,
        steps,
        seconds,
        runs / seconds,
        steps / seconds,
        failed == null ? "" : "; FAILED, " + failed.replay());
  }
}
