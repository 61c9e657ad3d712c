package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.sweep.CrashPlan;
import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.sweep.SweepReport;
import dev.redoubt.crash.work.MemorySubject;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.crash.work.SweptRocksPages;
import dev.redoubt.crash.work.TransactionWorkload;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.RestartMode;
import dev.redoubt.wal.LogOptions;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Stores drawn by seed: where pages are, page size, frames, segments, checkpoints, how many commits
 * do not wait, how restart goes, and what transactions do: some are prepared and decided later,
 * perhaps after a crash, and some remove ranges. In the default build {@link SweepsTest} sweeps six
 * of them with pages in a file.
 */
class DrawnSweepTest {
  /** Where the pages are. */
  private enum Pages {
    /** A file, copied aside before they go home. */
    DOUBLE_WRITE,
    /** A file on a disk that writes a page whole or not at all. */
    WHOLE_WRITES,
    /** RocksDB. */
    ROCKSDB
  }

  /** A store, and the disk that it is made for. */
  record Drawn(TransactionWorkload workload, boolean wholePages, int sectorBytes) {
    /** A disk that writes pages whole has them as sectors. */
    SweepOptions on(SweepOptions options) {
      SweepOptions sectors = options.withSectorBytes(sectorBytes);
      return wholePages
          ? sectors.withPlans(CrashPlan.withoutTears(), new CrashPlan(false, 0, 0, 0, false, true))
          : sectors;
    }
  }

  /** With pages in a file, copied aside or written whole. */
  static Drawn drawn(SplittableRandom random, boolean copied) {
    return copied
        ? drawn(random, Pages.DOUBLE_WRITE, UnaryOperator.identity())
        : drawn(random, Pages.WHOLE_WRITES, engine -> engine.withDoubleWrite(false));
  }

  private static Drawn drawn(
      SplittableRandom random, Pages pages, UnaryOperator<EngineOptions> change) {
    boolean whole = pages == Pages.WHOLE_WRITES;
    int pageSize = whole ? 4096 : 4096 << random.nextInt(5);
    EngineOptions engine =
        MemorySubject.tiny()
            .withPageSize(pageSize)
            .withFrames(16 + random.nextInt(64))
            .withCheckpoints(16_384L << random.nextInt(6), Duration.ofMinutes(1))
            .withRestart(random.nextBoolean() ? RestartMode.INSTANT : RestartMode.FULL)
            .withLog(
                LogOptions.defaults()
                    .withSegmentBytes(Math.max(4 * pageSize, (64 << 10) << random.nextInt(3)))
                    .withBuffers(2 + random.nextInt(3), (4 * pageSize) << random.nextInt(2)));
    TransactionWorkload workload =
        new TransactionWorkload(
            "store-drawn",
            StoreSubject.factory(StoreOptions.defaults().withEngine(change.apply(engine))),
            script(random),
            UnaryOperator.identity());
    return new Drawn(workload, whole, whole || random.nextInt(4) == 0 ? 4096 : 512);
  }

  /** From commits that all wait to commits none of which does. */
  private static ScriptOptions script(SplittableRandom random) {
    int asyncPercent = random.nextInt(4) == 0 ? 100 : random.nextInt(60);
    return new ScriptOptions(
            100 + random.nextInt(400),
            50 + random.nextInt(900),
            1 + random.nextInt(5),
            20 + random.nextInt(900),
            random.nextBoolean() ? 0 : 9000,
            asyncPercent)
        .withPrepared(random.nextInt(60))
        .withRanges(random.nextInt(60));
  }

  /** Half of all commits are prepared first. */
  static TransactionWorkload prepared() {
    return new TransactionWorkload(
        "store-prepared",
        StoreSubject.factory(StoreSubject.tiny()),
        new ScriptOptions(300, 300, 3, 400, 9000, 20).withPrepared(50).withRanges(30),
        UnaryOperator.identity());
  }

  @Test
  void drawnStoreWithPagesInRocksDbHoldsAPrefixOfTheCommits() {
    SplittableRandom seeds = new SplittableRandom(Budget.seed());
    try (SweptRocksPages rocks = SweptRocksPages.exact()) {
      Drawn drawn = drawn(seeds, Pages.ROCKSDB, engine -> engine.withPages(rocks));
      SweepOptions options =
          drawn
              .on(SweepOptions.defaults(seeds.nextLong() >>> 32))
              .withRounds(4)
              .withBudget(100, Duration.ofMinutes(3));
      SweepReport report = Budget.sweep(drawn.workload(), options);
      assertTrue(report.states() > 0, report.toString());
    }
  }

  @Test
  @Tag("slow")
  void storesOfAnyShapeHoldAPrefixOfTheCommitsForManySeeds() {
    try (SweptRocksPages rocks = SweptRocksPages.exact()) {
      Budget.sweepMany(
          (seeds, options) -> {
            Pages pages = List.of(Pages.values()).get(seeds.nextInt(Pages.values().length));
            Drawn drawn =
                switch (pages) {
                  case DOUBLE_WRITE -> drawn(seeds, true);
                  case WHOLE_WRITES -> drawn(seeds, false);
                  case ROCKSDB -> drawn(seeds, pages, engine -> engine.withPages(rocks));
                };
            return Budget.sweep(drawn.workload(), drawn.on(options));
          });
    }
  }
}
