package dev.redoubt.crash.suite;

import dev.redoubt.crash.work.RestartWorkload;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.RestartMode;
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
  @Tag("slow")
  void theSameForManySeeds() {
    Budget.sweepManySeeds(
        seeds -> {
          int keys = 50 + seeds.nextInt(800);
          return restart(100 + seeds.nextInt(500), keys, 20 + seeds.nextInt(900));
        });
  }
}
