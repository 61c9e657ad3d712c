package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.recovery.example.CheckpointInterval;
import dev.redoubt.recovery.example.HeatSimulation;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointIntervalTest {
  @TempDir Path folder;

  @Test
  void formulasGiveWhatAHandComputes() {
    // c = 2 s, m = 100 s: root of 400; x = 0.01: 20 (1 + 0.1/3 + 0.01/9) - 2.
    assertEquals(20, CheckpointInterval.young(2, 100), 1e-9);
    assertEquals(20 + 2.0 / 3 + 0.2 / 9 - 2, CheckpointInterval.daly(2, 100), 1e-9);
    // A day between failures, 5 minutes each: root of 51,840,000 is 7200.
    assertEquals(7200, CheckpointInterval.young(300, 86_400), 1e-9);
    assertEquals(10, CheckpointInterval.daly(20, 10));
    assertEquals(0.2, CheckpointInterval.lost(20, 2, 100), 1e-12);
  }

  @Test
  void youngsIntervalCostsLeastToFirstOrder() {
    double best = CheckpointInterval.young(3, 500);
    double least = CheckpointInterval.lost(best, 3, 500);
    for (double factor : new double[] {0.5, 0.9, 1.1, 2}) {
      assertTrue(CheckpointInterval.lost(best * factor, 3, 500) > least);
    }
  }

  @Test
  void costsAndFailureTimesAreAboveZero() {
    assertThrows(IllegalArgumentException.class, () -> CheckpointInterval.young(0, 1));
    assertThrows(IllegalArgumentException.class, () -> CheckpointInterval.daly(1, Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> CheckpointInterval.lost(0, 1, 1));
  }

  @Test
  void reportComparesStepsWithTheWholeStateAndNamesTheInterval() {
    assertEquals(
        """
        a commit: 2000.000 ms, 0.50 MB of log, and 0.25 MB of pages behind it
        the whole state: 8000.000 ms, 32.00 MB
        with a failure every 100 s, least is lost with a commit every
          20.0 s (Young 1974), 18.7 s (Daly 2006), or 200 steps: 20.0 % lost
        writing the whole state instead: 40.0 s (Young), 34.8 s (Daly): 40.0 % lost\
        """,
        HeatSimulation.report(
            new HeatSimulation.Cost(Duration.ofSeconds(2), 500_000, 250_000),
            new HeatSimulation.Cost(Duration.ofSeconds(8), 32_000_000, 0),
            Duration.ofMillis(100),
            Duration.ofSeconds(100)));
  }

  @Test
  void stepsLogOnlyTheRowsThatHeatHasReached() {
    Engine engine = Engines.open(new MemoryDisk());
    HeatSimulation simulation = new HeatSimulation(engine, 48);
    simulation.runTo(3);
    long before = engine.log().stats().recordBytes();
    simulation.runTo(4);
    long logged = engine.log().stats().recordBytes() - before;
    // Three rows or four of 384 bytes, before and after, not the 18 KB of the plate twice.
    assertTrue(logged > 3 * 384 && logged < 6_000, logged + " bytes");
    assertTrue(simulation.commitCost().bytes() > 0);
    engine.abandon();
  }

  @Test
  void manyStepsACommitLogTheirRowsOnceAndEndAlike() {
    Engine each = Engines.open(new MemoryDisk());
    HeatSimulation everyStep = new HeatSimulation(each, 48);
    everyStep.runTo(20);
    MemoryDisk disk = new MemoryDisk();
    Engine engine = Engines.open(disk);
    HeatSimulation everyTen = new HeatSimulation(engine, 48, 10);
    long before = engine.log().stats().recordBytes();
    everyTen.runTo(20);
    long logged = engine.log().stats().recordBytes() - before;
    assertEquals(everyStep.fingerprint(), everyTen.fingerprint());
    // Two commits of at most 20 rows, before and after, and not 210 rows.
    assertTrue(logged < 2 * 20 * 2 * 400, logged + " bytes");
    engine.pool().flushAll();
    assertTrue(everyTen.commitCost().pageBytes() > 0);
    engine.abandon();
    each.abandon();
    Engine again = Engines.open(disk.afterPowerLoss());
    assertEquals(20, new HeatSimulation(again, 48, 7).step());
    again.abandon();
    assertThrows(IllegalArgumentException.class, () -> new HeatSimulation(again, 48, 0));
  }

  @Test
  void programPrintsItsReport() {
    HeatSimulation.main(new String[] {folder.resolve("heat").toString(), "4", "64", "3600", "3"});
    assertTrue(!folder.resolve("heat").resolve("whole-state").toFile().exists());
  }
}
