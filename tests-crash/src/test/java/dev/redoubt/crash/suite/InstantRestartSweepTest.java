package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.sweep.CrashPlan;
import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.sweep.SweepReport;
import dev.redoubt.crash.work.RestartWorkload;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.RestartMode;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Restart behind an open store that is used meanwhile, crashed at every call, and the restarts
 * after those crashes again. In the default build {@link SweepsTest} sweeps it.
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
  void everyCallOfARestartAndOfTheRestartsAfterItIsCrashed() {
    CrashPlan few = CrashPlan.orderKeeping();
    CrashPlan fewer = new CrashPlan(false, 0, 0, 0, false, true);
    SweepOptions options =
        SweepOptions.defaults(Budget.seed())
            .withPlans(few, fewer)
            .withBudget(Long.MAX_VALUE, Duration.ofMinutes(4));
    SweepReport report = Budget.sweep(restart(24, 12, 60), options);
    assertTrue(report.complete(), report::toString);
    Set<String> phases = new TreeSet<>();
    report
        .coverage()
        .states()
        .keySet()
        .forEach(each -> phases.add(each.substring(0, each.indexOf(" | "))));
    List<String> expected =
        List.of(
            "open",
            "work while restart goes on",
            "recovery 1",
            "recovery 1: checkpoint with pages owed",
            "recovery 1: after opening");
    assertTrue(phases.containsAll(expected), phases::toString);
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
