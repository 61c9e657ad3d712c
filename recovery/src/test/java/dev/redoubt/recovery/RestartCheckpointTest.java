package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.Environment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checkpoints on the way through restart. */
class RestartCheckpointTest {
  private static final int PAGES = 18;
  private static final EngineOptions OFTEN =
      Engines.SMALL.withCheckpoints(2 << 10, Duration.ofDays(1));

  private final Cells cells = Engines.CELLS;
  private final List<Long> pages = new ArrayList<>();
  private final long[] committed = new long[PAGES];

  /** Some commits, and a loser with many changes; none of it is in any checkpoint. */
  private MemoryDisk crashed() {
    MemoryDisk disk = new MemoryDisk();
    Engine engine = Engines.open(disk);
    for (int i = 0; i < PAGES; i++) {
      pages.add(cells.makePage(engine));
    }
    Transaction loser = engine.begin();
    for (int i = 0; i < 300; i++) {
      cells.set(engine, loser, pages.get(i % PAGES), 1, 1_000_000 + i);
      if (i % 10 == 0) {
        Transaction winner = engine.begin();
        int at = i / 10 % PAGES;
        cells.set(engine, winner, pages.get(at), 0, i);
        winner.commit();
        winner.end();
        committed[at] = i;
      }
    }
    engine.log().forceAll();
    engine.abandon();
    return disk.afterPowerLoss();
  }

  private void check(Engine engine, String when) {
    for (int i = 0; i < PAGES; i++) {
      assertEquals(committed[i], Cells.get(engine, pages.get(i), 0), when + ", page " + i);
      assertEquals(0, Cells.get(engine, pages.get(i), 1), when + ", page " + i);
    }
  }

  @Test
  void restartThatIsKilledAgainAndAgainGetsOn() {
    MemoryDisk disk = crashed();
    long fromLsn = 0;
    int restarts = 0;
    int furthered = 0;
    while (true) {
      disk.cutAfter(60);
      restarts++;
      assertTrue(restarts < 200, "restart does not get on: it still begins at " + fromLsn);
      Engine engine;
      try {
        engine = Engines.open(disk, OFTEN);
      } catch (MemoryDisk.PowerCut | EngineHaltedException cut) {
        disk = disk.afterPowerLoss();
        long now = checkpointLsn(disk);
        furthered += now > fromLsn ? 1 : 0;
        fromLsn = Math.max(fromLsn, now);
        continue;
      }
      disk.cutAfter(Long.MAX_VALUE);
      check(engine, "after " + restarts + " restarts");
      engine.close();
      break;
    }
    assertTrue(restarts > 3, "cut " + restarts + " times only");
    assertTrue(furthered >= 3, "the checkpoint moved " + furthered + " times in " + restarts);
  }

  /** Where the next restart would begin. */
  private static long checkpointLsn(MemoryDisk disk) {
    try (Inspection inspection =
        Inspection.open(disk, Environment.system(), List.of(Engines.CELLS))) {
      return inspection.log().master().checkpointLsn();
    }
  }

  @Test
  void restartCutAtAnyOfItsWritesComesOutRight() {
    // Every checkpoint in redo and undo is cut at every one of its I/Os, among others.
    MemoryDisk crashed = crashed();
    for (int cut = 0; ; cut++) {
      MemoryDisk disk = crashed.afterPowerLoss();
      disk.cutAfter(cut);
      try {
        Engine whole = Engines.open(disk, OFTEN);
        disk.cutAfter(Long.MAX_VALUE);
        check(whole, "uncut");
        whole.close();
        assertTrue(cut > 40, "only " + cut + " writes");
        return;
      } catch (MemoryDisk.PowerCut | EngineHaltedException off) {
        MemoryDisk after = disk.afterPowerLoss();
        Engine again = Engines.open(after, OFTEN);
        check(again, "cut at write " + cut);
        again.abandon();
      }
    }
  }

  @Test
  void checkpointsOfRedoLeaveTheLogThatPagesAreDirtyFrom() {
    // A page that comes back after a checkpoint of redo is dirty from its analysis recLSN on: were
    // the log cut before redo is through, the next checkpoint would name a bound outside of it.
    MemoryDisk disk = new MemoryDisk();
    Engine engine = Engines.open(disk);
    for (int i = 0; i < PAGES; i++) {
      pages.add(cells.makePage(engine));
    }
    for (int i = 1; engine.log().endLsn() < 4L * engine.log().segmentBytes(); i++) {
      Transaction winner = engine.begin();
      cells.set(engine, winner, pages.get(i % PAGES), 0, i);
      winner.commit();
      winner.end();
      committed[i % PAGES] = i;
    }
    engine.log().forceAll();
    engine.abandon();
    EngineOptions some = Engines.SMALL.withCheckpoints(32 << 10, Duration.ofDays(1));
    try (Engine again = Engines.open(disk.afterPowerLoss(), some)) {
      assertTrue(again.stats().checkpoints() > 4, again.stats().toString());
      check(again, "after a long redo");
    }
  }
}
