package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.sweep.SweepReport;
import dev.redoubt.crash.work.LogWorkload;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The log by itself, crashed at every call and in every recovery. */
class LogSweepTest {
  private static final LogWorkload LOG = new LogWorkload(150, 3000, UnaryOperator.identity());

  @Test
  void logLosesNothingAcknowledgedInAnyCrash() {
    SweepOptions options =
        SweepOptions.defaults(Budget.seed())
            .withBudget(Budget.states(30_000), Duration.ofSeconds(8));
    SweepReport report = Budget.sweep(LOG, options);
    assertTrue(report.states() > 500, report.toString());
  }
}
