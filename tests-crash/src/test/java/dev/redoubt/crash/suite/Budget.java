package dev.redoubt.crash.suite;

import dev.redoubt.crash.sweep.CrashFailure;
import dev.redoubt.crash.sweep.Sweep;
import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.sweep.SweepReport;
import dev.redoubt.crash.sweep.Workload;
import dev.redoubt.io.Environment;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * How long the suites may take, from system properties: {@code redoubt.crash.states} (all sweeps of
 * the default build together) and {@code redoubt.crash.seed} (both optional), {@code
 * redoubt.crash.minutes} for the slow suites. Prints what was tried.
 */
public final class Budget {
  private static final Duration TURN = Duration.ofMinutes(2);

  private Budget() {}

  static long seed() {
    return Long.getLong("redoubt.crash.seed", 1);
  }

  static long states(long byDefault) {
    return Long.getLong("redoubt.crash.states", byDefault);
  }

  /** How long a slow suite may take. */
  public static Duration slow() {
    double minutes = Double.parseDouble(System.getProperty("redoubt.crash.minutes", "5"));
    return Duration.ofMillis(Math.round(60_000 * minutes));
  }

  /** Sweeps workloads drawn by seed, one after the other, until the time of slow suites is over. */
  static <S> void sweepManySeeds(Function<SplittableRandom, ? extends Workload<S>> workload) {
    sweepMany((seeds, options) -> sweep(workload.apply(seeds), options));
  }

  /** Sweeps with options drawn by seed, one after the other, until that time is over. */
  static void sweepMany(BiFunction<SplittableRandom, SweepOptions, SweepReport> sweep) {
    SplittableRandom seeds = new SplittableRandom(seed());
    Duration left = slow();
    while (left.toSeconds() > 1) {
      SweepOptions options =
          SweepOptions.defaults(seeds.nextLong() >>> 32)
              .withSectorBytes(seeds.nextInt(4) == 0 ? 4096 : 512)
              .withBudget(Long.MAX_VALUE, left.compareTo(TURN) < 0 ? left : TURN);
      left = left.minus(sweep.apply(seeds, options).time());
    }
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
