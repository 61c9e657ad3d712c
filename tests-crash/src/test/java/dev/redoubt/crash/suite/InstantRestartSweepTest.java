package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.sweep.SweepReport;
import dev.redoubt.crash.work.RestartWorkload;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.RestartMode;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Restart behind an open store that is used meanwhile, crashed at every call, and the restarts
 * after those crashes again.
 */
class InstantRestartSweepTest {
  static RestartWorkload restart(int steps, int keys, int valueBytes) {
    StoreOptions tiny = StoreSubject.tiny();
    return new RestartWorkload(
        "restart",
        tiny.withEngine(tiny.engine().withRestart(RestartMode.INSTANT)),
        new ScriptOptions(steps, keys, 3, valueBytes, 9000, 0),
        UnaryOperator.identity());
  }

  @Test
  void aStoreThatIsUsedWhileItIsRestartedHoldsAPrefixOfTheCommitsAfterAnyCrash() {
    SweepOptions options =
        SweepOptions.defaults(Budget.seed())
            .withBudget(Budget.states(40_000), Duration.ofSeconds(30));
    SweepReport report = Budget.sweep(restart(300, 300, 400), options);
    assertTrue(report.states() > 500, report.toString());
    assertTrue(report.statesInRecovery() > 100, report.toString());
  }

  @Test
  @Tag("slow")
  void theSameForManySeeds() {
    Budget.sweepManySeeds(
        seeds -> {
          int keys = 50 + seeds.nextInt(800);
          return restart(100 + seeds.nextInt(500), keys, 20 + seeds.nextInt(900));
        });
  }
}
