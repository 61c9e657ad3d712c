package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.sweep.SweepReport;
import dev.redoubt.crash.work.MemorySubject;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.TransactionWorkload;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The recovery engine under recoverable memory, crashed at every call and in every recovery. */
class MemorySweepTest {
  private static final TransactionWorkload MEMORY =
      new TransactionWorkload(
          "memory",
          MemorySubject.factory(MemorySubject.tiny(), 161),
          new ScriptOptions(300, 160, 3, 600, 0, 20),
          UnaryOperator.identity());

  @Test
  void memoryHoldsAPrefixOfTheCommitsAfterAnyCrash() {
    SweepOptions options =
        SweepOptions.defaults(Budget.seed())
            .withBudget(Budget.states(30_000), Duration.ofSeconds(12));
    SweepReport report = Budget.sweep(MEMORY, options);
    assertTrue(report.states() > 500, report.toString());
  }
}
