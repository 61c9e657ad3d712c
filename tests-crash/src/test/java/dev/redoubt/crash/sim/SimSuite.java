package dev.redoubt.crash.sim;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.jspecify.annotations.Nullable;

/** Seeds from system properties, reports on the standard output. */
final class SimSuite {
  private SimSuite() {}

  /**
   * Prepares the JVM; skips the test in one that was not started for it, as by hand: never under
   * Maven.
   */
  static void prepare() {
    assumeTrue(
        System.getProperty("surefire.test.class.path") != null || SimJvm.canSimulate(),
        () -> "start the JVM with " + SimJvm.FLAGS);
    SimJvm.installForRedoubt();
  }

  /** Runs seeds for so long, or the one that {@code redoubt.sim.seed} names, with its trace. */
  static void run(SimRuns runs, long nanos) {
    @Nullable Long replayed = Long.getLong("redoubt.sim.seed");
    if (replayed != null) {
      SimReport report = runs.run(replayed, true);
      report.trace().forEach(System.out::println);
      System.out.println(report.replay());
      SimSummary.of(report).orThrow();
      return;
    }
    SimSummary summary = runs.many(firstSeed(), nanos);
    System.out.println(summary);
    summary.orThrow();
  }

  /** The one given, or another one each time. */
  static long firstSeed() {
    String given = System.getProperty("redoubt.crash.seed", "");
    return given.isEmpty() ? System.nanoTime() >>> 10 : Long.parseLong(given);
  }
}
