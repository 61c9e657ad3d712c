package dev.redoubt.crash.suite;

import dev.redoubt.crash.work.DropWorkload;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.RestartMode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Drops of trees, crashed at every call, the freeing of their pages too, and in every recovery. In
 * the default build {@link SweepsTest} sweeps them.
 */
class DropSweepTest {
  static DropWorkload drops(RestartMode mode, int generations) {
    StoreOptions tiny = StoreSubject.tiny();
    return new DropWorkload(tiny.withEngine(tiny.engine().withRestart(mode)), generations);
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
