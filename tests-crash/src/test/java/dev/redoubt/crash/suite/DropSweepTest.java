package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.sweep.SweepReport;
import dev.redoubt.crash.work.DropWorkload;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.RestartMode;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Drops of trees, crashed at every call, the freeing of their pages too, and in every recovery. */
class DropSweepTest {
  private static DropWorkload drops(RestartMode mode, int generations) {
    StoreOptions tiny = StoreSubject.tiny();
    return new DropWorkload(tiny.withEngine(tiny.engine().withRestart(mode)), generations);
  }

  @ParameterizedTest
  @EnumSource(RestartMode.class)
  void oneGenerationIsThereAfterAnyCrashAndNoPageIsLost(RestartMode mode) {
    SweepOptions options =
        SweepOptions.defaults(Budget.seed())
            .withBudget(Budget.states(20_000), Duration.ofSeconds(8));
    SweepReport report = Budget.sweep(drops(mode, 6), options);
    assertTrue(report.states() > 20, report.toString());
  }

  @Test
  @Tag("slow")
  void theSameForManySeeds() {
    Budget.sweepManySeeds(
        seeds -> {
          RestartMode mode = seeds.nextBoolean() ? RestartMode.INSTANT : RestartMode.FULL;
          return drops(mode, 3 + seeds.nextInt(8));
        });
  }
}
