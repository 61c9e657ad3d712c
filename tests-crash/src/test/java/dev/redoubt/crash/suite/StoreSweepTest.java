package dev.redoubt.crash.suite;

import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.crash.work.TransactionWorkload;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The store, crashed at every call and in every recovery, compared with a map of what committed. In
 * the default build {@link SweepsTest} sweeps it.
 */
class StoreSweepTest {
  /** Interleaved transactions, splits, merges, overflow values, more pages than frames. */
  static TransactionWorkload store(int steps, int keys, int valueBytes) {
    return new TransactionWorkload(
        "store",
        StoreSubject.factory(StoreSubject.tiny()),
        new ScriptOptions(steps, keys, 3, valueBytes, 9000, 20),
        UnaryOperator.identity());
  }

  @Test
  @Tag("slow")
  void storeHoldsAPrefixOfTheCommitsForManySeeds() {
    Budget.sweepManySeeds(
        seeds -> {
          int keys = 100 + seeds.nextInt(1200);
          return store(200 + seeds.nextInt(600), keys, 20 + seeds.nextInt(900));
        });
  }
}
