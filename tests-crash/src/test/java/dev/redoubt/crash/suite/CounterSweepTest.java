package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.sweep.SweepReport;
import dev.redoubt.crash.work.CounterSubject;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.crash.work.TransactionWorkload;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.RestartMode;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Increments of hot keys by all open transactions, crashed at every call and in every recovery. */
class CounterSweepTest {
  private static TransactionWorkload counters(RestartMode mode, int steps, int keys, int bytes) {
    StoreOptions tiny = StoreSubject.tiny();
    return new TransactionWorkload(
        "counters",
        CounterSubject.factory(tiny.withEngine(tiny.engine().withRestart(mode))),
        new ScriptOptions(steps, keys, 4, bytes, 0, 20),
        UnaryOperator.identity());
  }

  @ParameterizedTest
  @EnumSource(RestartMode.class)
  void countersAreWhatTheEntriesSayAfterAnyCrash(RestartMode mode) {
    SweepOptions options =
        SweepOptions.defaults(Budget.seed())
            .withBudget(Budget.states(20_000), Duration.ofSeconds(8));
    SweepReport report = Budget.sweep(counters(mode, 200, 100, 100), options);
    assertTrue(report.states() > 20, report.toString());
  }

  @Test
  @Tag("slow")
  void theSameForManySeeds() {
    Budget.sweepManySeeds(
        seeds -> {
          RestartMode mode = seeds.nextBoolean() ? RestartMode.INSTANT : RestartMode.FULL;
          return counters(
              mode, 100 + seeds.nextInt(500), 20 + seeds.nextInt(400), 10 + seeds.nextInt(400));
        });
  }
}
