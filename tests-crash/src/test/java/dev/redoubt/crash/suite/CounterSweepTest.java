package dev.redoubt.crash.suite;

import dev.redoubt.crash.work.CounterSubject;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.crash.work.TransactionWorkload;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.RestartMode;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Increments of hot keys by all open transactions, crashed at every call and in every recovery. In
 * the default build {@link SweepsTest} sweeps them.
 */
class CounterSweepTest {
  static TransactionWorkload counters(RestartMode mode, int steps, int keys, int bytes) {
    StoreOptions tiny = StoreSubject.tiny();
    return new TransactionWorkload(
        "counters",
        CounterSubject.factory(tiny.withEngine(tiny.engine().withRestart(mode))),
        new ScriptOptions(steps, keys, 4, bytes, 0, 20),
        UnaryOperator.identity());
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
