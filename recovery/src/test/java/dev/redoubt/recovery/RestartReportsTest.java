package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Environment;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RestartReportsTest {
  private final Cells cells = Engines.CELLS;
  private MemoryDisk disk = new MemoryDisk();

  /** Three updates of a loser, one of a winner; one page. */
  private void crash(Engine engine) {
    long page = cells.makePage(engine);
    Transaction loser = engine.begin();
    for (int i = 0; i < 3; i++) {
      cells.set(engine, loser, page, i, 1);
    }
    Transaction winner = engine.begin();
    cells.set(engine, winner, page, 5, 1);
    engine.log().force(winner.commit());
    engine.abandon();
    disk = disk.afterPowerLoss();
  }

  private static RecoveryReport kept(Engine engine) {
    return Objects.requireNonNull(engine.restartReports().afterCrash());
  }

  @Test
  void theReportOutlivesOpeningsAndOrderlyClosesAndTheNextCrashReplacesIt() {
    Engine engine = Engines.open(disk);
    assertNull(engine.restartReports().afterCrash(), "a new store has not crashed");
    crash(engine);
    Engine second = Engines.open(disk);
    RecoveryReport first = second.lastRecovery();
    assertEquals(3, first.clrsWritten());
    assertEquals(1, first.losers());
    // The first two pages, another and its bit, four cells.
    assertEquals(8, first.redone(), first.toString());
    assertEquals(0, first.skippedPageLsn(), first.toString());
    assertTrue(first.complete() && !first.clean(), first.toString());
    assertEquals(first, kept(second));
    second.close();
    for (int i = 0; i < 3; i++) {
      Engine again = Engines.open(disk);
      assertTrue(again.lastRecovery().clean());
      assertEquals(first, kept(again));
      again.checkpoint();
      again.close();
    }
    Engine last = Engines.open(disk);
    crash(last);
    try (Engine again = Engines.open(disk)) {
      assertEquals(again.lastRecovery(), kept(again));
      assertFalse(first.equals(kept(again)));
    }
  }

  @Test
  void aCrashBehindTheRestartKeepsAllButTheTimeOfItsCheckpoint() {
    crash(Engines.open(disk));
    Engine second = Engines.open(disk);
    RecoveryReport first = second.lastRecovery();
    second.abandon();
    disk = disk.afterPowerLoss();
    assertEquals(first.withCheckpointTime(Duration.ZERO), stored(disk));
  }

  @Test
  void anInstantRestartCompletesItsReportBehindTheOpenEngine() {
    crash(Engines.open(disk));
    EngineOptions instant = Engines.SMALL.withRestart(RestartMode.INSTANT);
    Engine engine = Engines.open(disk, instant);
    assertFalse(engine.lastRecovery().complete());
    assertEquals(0, engine.lastRecovery().clrsWritten());
    engine.continueRestart();
    engine.restart().await();
    RecoveryReport complete = engine.lastRecovery();
    assertTrue(complete.complete());
    assertEquals(3, complete.clrsWritten());
    engine.abandon();
    disk = disk.afterPowerLoss();
    assertEquals(complete, stored(disk));
  }

  /** What the last checkpoint says, nobody having the store open. */
  private static RecoveryReport stored(MemoryDisk disk) {
    try (Inspection inspection =
        Inspection.open(disk, Environment.system(), List.of(Engines.CELLS))) {
      return Objects.requireNonNull(inspection.lastRestart());
    }
  }
}
