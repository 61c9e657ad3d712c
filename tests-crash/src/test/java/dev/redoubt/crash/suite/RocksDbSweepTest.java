package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.sweep.Sweep;
import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.sweep.SweepReport;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.crash.work.SweptRocksPages;
import dev.redoubt.crash.work.TransactionWorkload;
import dev.redoubt.io.Environment;
import dev.redoubt.kv.StoreOptions;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The store with its pages in RocksDB, crashed at every call on the disk beside it. */
class RocksDbSweepTest {
  private static TransactionWorkload store(SweptRocksPages pages, int steps) {
    StoreOptions tiny = StoreSubject.tiny();
    return new TransactionWorkload(
        "store-rocksdb",
        StoreSubject.factory(tiny.withEngine(tiny.engine().withPages(pages))),
        new ScriptOptions(steps, 400, 3, 500, 9000, 20),
        UnaryOperator.identity());
  }

  private static SweepOptions options(long states, Duration time) {
    return SweepOptions.defaults(Budget.seed()).withRounds(8).withBudget(states, time);
  }

  @Test
  void storeHoldsAPrefixOfTheCommitsAfterAnyCrash() {
    sweep(200, Duration.ofMinutes(5));
  }

  @Test
  @Tag("slow")
  void storeHoldsAPrefixOfTheCommitsAfterAnyCrashForLong() {
    sweep(Long.MAX_VALUE, Budget.slow());
  }

  private static void sweep(long states, Duration time) {
    try (SweptRocksPages pages = SweptRocksPages.exact()) {
      SweepReport report = Budget.sweep(store(pages, 240), options(states, time));
      assertTrue(report.states() > 20, report.toString());
    }
  }

  @Test
  void pagesThatLeaveTheDirtyPageTableBeforeTheirFlushAreFoundOut() {
    try (SweptRocksPages pages = SweptRocksPages.withoutBarrier()) {
      SweepReport report =
          Sweep.run(
              // Long enough that the log no longer reaches back: else all is rebuilt from it.
              store(pages, 700), options(60_000, Duration.ofMinutes(4)), Environment.system());
      assertFalse(report.failures().isEmpty(), report.toString());
      System.out.println("found by " + report.failures().getFirst().schedule());
    }
  }
}
