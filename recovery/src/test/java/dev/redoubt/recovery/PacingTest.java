package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Environment;
import dev.redoubt.wal.Log;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The engine keeps its pace without any thread of its own, by {@link Engine#tick}. */
class PacingTest {
  private static final EngineOptions OPTIONS =
      Engines.SMALL
          .withFrames(512)
          .withLog(Engines.SMALL.log().withSegmentBytes(1 << 20))
          .withTargetRestartTime(Duration.ofMillis(1));

  private final Cells cells = Engines.CELLS;
  private final MemoryDisk disk = new MemoryDisk();

  private void work(Engine engine, List<Long> pages, int changes) {
    Transaction transaction = engine.begin();
    for (int i = 0; i < changes; i++) {
      cells.set(engine, transaction, pages.get(i % pages.size()), i % 50, i);
    }
    Engines.commit(engine, transaction);
  }

  private List<Long> pages(Engine engine, int count) {
    List<Long> pages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pages.add(cells.makePage(engine));
    }
    return pages;
  }

  @Test
  void tickKeepsTheRedoDistanceAndTakesCheckpoints() {
    try (Engine engine = Engines.open(disk, OPTIONS)) {
      List<Long> pages = pages(engine, 200);
      long checkpoints = engine.stats().checkpoints();
      for (int round = 0; round < 40; round++) {
        work(engine, pages, 2_000);
        engine.tick();
        engine.tick();
        // A target that opening alone exceeds: the least distance there is, 1 MiB, or a round.
        assertTrue(
            engine.stats().redoDistanceBytes() < 2 << 20,
            "round " + round + ": " + engine.stats().redoDistanceBytes());
      }
      assertTrue(engine.stats().checkpoints() > checkpoints + 8);
      assertEquals(engine.stats().redoDistanceBytes(), engine.stats().restart().redoBytes());
    }
  }

  /** They appended nothing, so restart has as much to do as without them. */
  @Test
  void transactionsThatLogNothingChangeNoEstimate() {
    try (Engine engine = Engines.open(disk, OPTIONS)) {
      work(engine, pages(engine, 200), 2_000);
      Duration redo = engine.stats().restart().redo();
      assertTrue(redo.compareTo(Duration.ofMillis(1)) > 0, redo::toString);
      for (int i = 0; i < 5_000; i++) {
        Engines.commit(engine, engine.begin());
      }
      assertEquals(redo, engine.stats().restart().redo());
    }
  }

  @Test
  void withoutTickNothingIsCleanedAndTheDistanceGrows() {
    try (Engine engine = Engines.open(disk, OPTIONS)) {
      List<Long> pages = pages(engine, 200);
      for (int round = 0; round < 40; round++) {
        work(engine, pages, 2_000);
      }
      assertTrue(engine.stats().redoDistanceBytes() > 2 << 20);
    }
  }

  @Test
  void aCheckpointIsDueAfterSoManyBytesOfLog() {
    EngineOptions options =
        OPTIONS
            .withTargetRestartTime(Duration.ofSeconds(10))
            .withCheckpoints(256 << 10, Duration.ofDays(1));
    try (Engine engine = Engines.open(disk, options)) {
      List<Long> pages = pages(engine, 10);
      for (int round = 0; round < 5; round++) {
        engine.checkpoint();
        long before = engine.stats().checkpoints();
        long end = engine.log().endLsn();
        while (engine.log().endLsn() < end + (200 << 10)) {
          work(engine, pages, 10);
          engine.tick();
        }
        assertEquals(before, engine.stats().checkpoints(), "too early");
        while (engine.log().endLsn() < end + (300 << 10)) {
          work(engine, pages, 10);
          engine.tick();
        }
        assertEquals(before + 1, engine.stats().checkpoints());
      }
    }
  }

  @Test
  void aCheckpointIsDueAfterSoMuchTimeIfAnythingWasLogged() {
    FixedEnvironment clock = new FixedEnvironment();
    EngineOptions options =
        OPTIONS
            .withTargetRestartTime(Duration.ofSeconds(10))
            .withCheckpoints(1L << 40, Duration.ofSeconds(30));
    try (Engine engine = Engine.open(disk, clock, options, List.of(cells), RecoveryListener.NONE)) {
      List<Long> pages = pages(engine, 10);
      for (int round = 0; round < 3; round++) {
        engine.checkpoint();
        long before = engine.stats().checkpoints();
        work(engine, pages, 10);
        clock.advance(Duration.ofSeconds(29));
        engine.tick();
        assertEquals(before, engine.stats().checkpoints(), "too early");
        clock.advance(Duration.ofSeconds(2));
        engine.tick();
        assertEquals(before + 1, engine.stats().checkpoints());
        for (int idle = 0; idle < 20; idle++) {
          clock.advance(Duration.ofSeconds(31));
          engine.tick();
        }
        assertEquals(before + 1, engine.stats().checkpoints(), "of nothing");
      }
    }
  }

  @Test
  void measuredRatesSurviveACrash() {
    Engine engine = Engines.open(disk, OPTIONS);
    work(engine, pages(engine, 200), 20_000);
    assertEquals(RestartRates.DEFAULTS, engine.pacing().rates());
    engine.abandon();
    MemoryDisk after = disk.afterPowerLoss();
    Engine again = Engines.open(after, OPTIONS);
    RestartRates measured = again.pacing().rates();
    assertTrue(!measured.equals(RestartRates.DEFAULTS), "nothing was measured");
    List<LogRecord.EndCheckpoint> ends =
        Engines.decoded(again, again.stats().lastCheckpointLsn()).stream()
            .filter(LogRecord.EndCheckpoint.class::isInstance)
            .map(LogRecord.EndCheckpoint.class::cast)
            .toList();
    assertEquals(measured, ends.getLast().rates());
    again.abandon();
    AnalysisResult next = new Analysis(openLog(after.afterPowerLoss()), RecoveryMeter.NONE).run();
    assertEquals(measured, next.rates());
  }

  private static Log openLog(MemoryDisk crashed) {
    return Log.open(crashed, Environment.system(), OPTIONS.log());
  }

  @Test
  void restartIsEstimatedFromTheLastCheckpointOn() {
    try (Engine engine = Engines.open(disk, OPTIONS)) {
      List<Long> pages = pages(engine, 100);
      work(engine, pages, 10_000);
      RestartEstimate before = engine.stats().restart();
      assertTrue(before.redoPages() >= 100);
      engine.pool().flushAll();
      // The pages are clean, but restart would not know: its tables are the last checkpoint's.
      assertTrue(engine.stats().restart().redoBytes() >= before.redoBytes());
      engine.checkpoint();
      RestartEstimate after = engine.stats().restart();
      assertEquals(0, after.redoPages());
      assertTrue(after.redoBytes() < 8192, after.toString());
      assertTrue(after.total().compareTo(before.total()) < 0);
      Transaction open = engine.begin();
      cells.set(engine, open, pages.getFirst(), 0, 1);
      cells.set(engine, open, pages.getFirst(), 1, 1);
      assertEquals(
          2 * engine.pacing().rates().undoNanosPerRecord(),
          engine.stats().restart().undo().toNanos());
      open.rollback();
      assertEquals(Duration.ZERO, engine.stats().restart().undo());
    }
  }
}
