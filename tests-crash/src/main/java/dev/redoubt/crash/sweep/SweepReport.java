package dev.redoubt.crash.sweep;

import java.time.Duration;
import java.util.List;

/**
 * What a sweep tried.
 *
 * @param workload its name
 * @param seed its seed
 * @param calls mutating calls of the run without a crash
 * @param points crash points visited, in the run and in recoveries
 * @param states crash states tried: points times choices
 * @param statesInRecovery those of them in which a recovery was crashed
 * @param recoveries states that differed from all before them, and so were opened and judged
 * @param complete whether everything the options ask for was tried, rather than the budget spent
 * @param time wall-clock time
 * @param failures what was found wrong
 * @param coverage places that were crashed
 */
public record SweepReport(
    String workload,
    long seed,
    long calls,
    long points,
    long states,
    long statesInRecovery,
    long recoveries,
    boolean complete,
    Duration time,
    List<CrashFailure> failures,
    Coverage coverage) {
  public SweepReport {
    failures = List.copyOf(failures);
  }

  /**
   * Returns if nothing was found wrong.
   *
   * @throws CrashFailure the first failure, with the line that replays it
   */
  public void orThrow() {
    if (!failures.isEmpty()) {
      throw failures.getFirst();
    }
  }

  @Override
  public String toString() {
    return String.format(
        "sweep of %s seed=%d: %,d crash states (%,d in a recovery) at %,d points, %,d distinct ones"
            + " recovered and judged, %d failures, %.1f s%s; the run makes %,d mutating calls",
        workload,
        seed,
        states,
        statesInRecovery,
        points,
        recoveries,
        failures.size(),
        time.toMillis() / 1000.0,
        complete ? ", complete" : ", budget spent",
        calls);
  }
}
