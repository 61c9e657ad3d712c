package dev.redoubt.crash.suite;

import dev.redoubt.crash.sweep.CrashFailure;
import dev.redoubt.crash.sweep.Sweep;
import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.sweep.SweepReport;
import dev.redoubt.crash.sweep.Workload;
import dev.redoubt.io.Environment;
import java.time.Duration;

/**
 * How long the suites may take, from system properties: {@code redoubt.crash.states} and {@code
 * redoubt.crash.seed} (both optional), {@code redoubt.crash.minutes} for the slow suites. Prints
 * what was tried.
 */
final class Budget {
  private Budget() {}

  static long seed() {
    return Long.getLong("redoubt.crash.seed", 1);
  }

  static long states(long byDefault) {
    return Long.getLong("redoubt.crash.states", byDefault);
  }

  static Duration slow() {
    return Duration.ofSeconds(60 * Long.getLong("redoubt.crash.minutes", 5));
  }

  /** Sweeps, prints the report, and fails with the first failure. */
  static <S> SweepReport sweep(Workload<S> workload, SweepOptions options) {
    SweepReport report = Sweep.run(workload, options, Environment.system());
    System.out.println(report);
    for (CrashFailure failure : report.failures()) {
      System.out.println(failure.getMessage());
    }
    report.orThrow();
    return report;
  }
}
