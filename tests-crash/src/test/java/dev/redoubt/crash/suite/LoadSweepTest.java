package dev.redoubt.crash.suite;

import dev.redoubt.crash.work.LoadWorkload;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.RestartMode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Loads of a tree and their clearing, crashed at every call, and in every recovery. In the default
 * build {@link SweepsTest} sweeps them.
 */
class LoadSweepTest {
  static LoadWorkload loads(RestartMode mode, int generations) {
    StoreOptions tiny = StoreSubject.tiny();
    return new LoadWorkload(tiny.withEngine(tiny.engine().withRestart(mode)), generations);
  }

  @Test
  @Tag("slow")
  void theSameForManySeeds() {
    Budget.sweepManySeeds(
        seeds -> {
          RestartMode mode = seeds.nextBoolean() ? RestartMode.INSTANT : RestartMode.FULL;
          return loads(mode, 3 + seeds.nextInt(8));
        });
  }
}
