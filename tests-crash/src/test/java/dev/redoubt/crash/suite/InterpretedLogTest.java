package dev.redoubt.crash.suite;

import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.work.InterpretedLog;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.crash.work.TransactionWorkload;
import dev.redoubt.kv.StoreOptions;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** After any crash a store shows what its log says is committed, read without the engine. */
class InterpretedLogTest {
  private static TransactionWorkload store(int steps, int keys, int valueBytes) {
    StoreOptions whole = InterpretedLog.wholeLog(StoreSubject.tiny());
    return new TransactionWorkload(
        "store-interpreted",
        InterpretedLog.factory(whole),
        new ScriptOptions(steps, keys, 3, valueBytes, 9000, 20).withPrepared(20).withRanges(20),
        UnaryOperator.identity());
  }

  @Test
  void storeShowsWhatItsLogSaysIsCommittedAfterAnyCrash() {
    Budget.sweep(
        store(300, 300, 300),
        SweepOptions.defaults(Budget.seed())
            .withRounds(16)
            .withBudget(3_000, Duration.ofMinutes(5)));
  }

  @Test
  @Tag("slow")
  void theSameForManySeeds() {
    Budget.sweepManySeeds(
        seeds -> store(100 + seeds.nextInt(300), 50 + seeds.nextInt(500), 20 + seeds.nextInt(500)));
  }
}
