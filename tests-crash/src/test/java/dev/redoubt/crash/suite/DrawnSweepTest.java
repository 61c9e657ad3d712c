package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.sweep.SweepReport;
import dev.redoubt.crash.work.MemorySubject;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.crash.work.TransactionWorkload;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.RestartMode;
import dev.redoubt.wal.LogOptions;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Stores drawn by seed: page size, frames, segments, checkpoints, durability, how restart goes, and
 * what transactions do: some are prepared and decided later, perhaps after a crash, and some remove
 * ranges.
 */
class DrawnSweepTest {
  private static TransactionWorkload store(StoreOptions options, ScriptOptions script) {
    return new TransactionWorkload(
        "store-drawn", StoreSubject.factory(options), script, UnaryOperator.identity());
  }

  static TransactionWorkload drawn(SplittableRandom random) {
    int pageSize = 4096 << random.nextInt(3);
    EngineOptions engine =
        MemorySubject.tiny()
            .withPageSize(pageSize)
            .withFrames(16 + random.nextInt(64))
            .withCheckpoints(16_384L << random.nextInt(6), Duration.ofMinutes(1))
            .withRestart(random.nextBoolean() ? RestartMode.INSTANT : RestartMode.FULL)
            .withLog(
                LogOptions.defaults()
                    .withSegmentBytes((64 << 10) << random.nextInt(3))
                    .withBuffers(2 + random.nextInt(3), (4 * pageSize) << random.nextInt(2)));
    return store(
        StoreOptions.defaults().withEngine(engine),
        new ScriptOptions(
                100 + random.nextInt(400),
                50 + random.nextInt(900),
                1 + random.nextInt(5),
                20 + random.nextInt(900),
                random.nextBoolean() ? 0 : 9000,
                random.nextInt(60))
            .withPrepared(random.nextInt(60))
            .withRanges(random.nextInt(60)));
  }

  @Test
  void preparedTransactionsSurviveAnyCrashUntilTheirDecision() {
    ScriptOptions script = new ScriptOptions(300, 300, 3, 400, 9000, 20);
    SweepReport report =
        Budget.sweep(
            store(StoreSubject.tiny(), script.withPrepared(50).withRanges(30)),
            SweepOptions.defaults(Budget.seed())
                .withBudget(Budget.states(20_000), Duration.ofSeconds(15)));
    assertTrue(report.states() > 200, report.toString());
    assertTrue(report.coverage().toString().contains("decision"), report.coverage().toString());
  }

  @Test
  void storesOfAnyShapeHoldAPrefixOfTheCommits() {
    SplittableRandom seeds = new SplittableRandom(Budget.seed());
    long states = 0;
    for (int i = 0; i < 5; i++) {
      SweepOptions options =
          SweepOptions.defaults(seeds.nextLong() >>> 32)
              .withSectorBytes(seeds.nextInt(4) == 0 ? 4096 : 512)
              .withRounds(16)
              .withBudget(Budget.states(4_000), Duration.ofSeconds(4));
      states += Budget.sweep(drawn(seeds), options).states();
    }
    assertTrue(states > 200, "states: " + states);
  }

  @Test
  @Tag("slow")
  void theSameForManySeeds() {
    Budget.sweepManySeeds(DrawnSweepTest::drawn);
  }
}
