package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.Environment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A checkpoint that was cut off at any of its writes is simply not there. */
class CheckpointCutTest {
  private static final int PAGES = 12;

  private final Cells cells = Engines.CELLS;

  /** A run that ends before its second checkpoint, with winners and a loser since the first. */
  private final class Run {
    final MemoryDisk disk = new MemoryDisk();
    final Engine engine = Engines.open(disk);
    final List<Long> pages = new ArrayList<>();
    final long firstCheckpoint;

    Run() {
      for (int i = 0; i < PAGES; i++) {
        pages.add(cells.makePage(engine));
      }
      firstCheckpoint = engine.checkpoint();
      Transaction loser = engine.begin();
      for (int i = 0; i < PAGES; i++) {
        Transaction winner = engine.begin();
        cells.set(engine, winner, pages.get(i), 0, 100 + i);
        cells.set(engine, loser, pages.get(i), 1, 1_000 + i);
        Engines.commit(engine, winner);
      }
      engine.pool().cleanSome(PAGES / 2); // some pages are home, so that the new tables differ
    }

    void check(MemoryDisk survivor, String when) {
      try (Engine again = Engines.open(survivor)) {
        for (int i = 0; i < PAGES; i++) {
          assertEquals(100 + i, Cells.get(again, pages.get(i), 0), when + ", page " + i);
          assertEquals(0, Cells.get(again, pages.get(i), 1), when + ", page " + i);
        }
      }
    }
  }

  private static long checkpointLsn(MemoryDisk disk) {
    try (Inspection inspection =
        Inspection.open(disk, Environment.system(), TestPages.KIND, List.of(Engines.CELLS))) {
      return inspection.log().master().checkpointLsn();
    }
  }

  @Test
  void cutAtEachOfItsWritesTheOneBeforeHolds() {
    for (int cut = 0; ; cut++) {
      Run run = new Run();
      run.disk.cutAfter(cut);
      boolean complete = false;
      try {
        run.engine.checkpoint();
        complete = true;
      } catch (MemoryDisk.PowerCut | EngineHaltedException off) {
        run.engine.abandon();
      }
      String when = "cut at write " + cut;
      MemoryDisk lost = run.disk.afterPowerLoss();
      MemoryDisk died = run.disk.afterProcessDeath();
      if (complete) {
        assertTrue(checkpointLsn(lost) > run.firstCheckpoint, "complete and not there");
        assertTrue(cut >= 4, "a checkpoint of " + cut + " writes");
        run.disk.cutAfter(Long.MAX_VALUE);
        run.engine.abandon();
        run.check(lost, "complete");
        return;
      }
      assertEquals(run.firstCheckpoint, checkpointLsn(lost), when);
      run.check(lost, when);
      run.check(died, when + ", process died");
    }
  }
}
