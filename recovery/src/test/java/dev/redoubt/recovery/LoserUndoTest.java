package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.DiskFullException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Losers that are undone behind an open engine. */
class LoserUndoTest {
  private static final EngineOptions INSTANT = Engines.SMALL.withRestart(RestartMode.INSTANT);

  private final Cells cells = Engines.CELLS;
  private MemoryDisk disk = new MemoryDisk();
  private Engine engine = Engines.open(disk);

  private void powerLoss() {
    engine.log().forceAll();
    engine.abandon();
    disk = disk.afterPowerLoss();
    engine = Engines.open(disk, INSTANT);
  }

  private long get(long page, int cell) {
    return Cells.get(engine, page, cell);
  }

  private List<Long> undone() {
    List<Long> ids = new ArrayList<>();
    for (LogEntry entry : Engines.records(engine)) {
      if (entry.type().equals("clr")) {
        ids.add(entry.transactionId());
      }
    }
    return ids;
  }

  @Test
  void openNestedTopActionsAreUndoneBeforeTheEngineIsOpenAndNothingElseIs() {
    long page = cells.makePage(engine);
    Transaction older = engine.begin();
    cells.set(engine, older, page, 0, 1);
    older.nestedTopAction();
    cells.set(engine, older, page, 1, 2);
    Transaction newer = engine.begin();
    cells.set(engine, newer, page, 2, 3);
    powerLoss();
    assertEquals(List.of(older.id()), undone());
    assertEquals(1, get(page, 0));
    assertEquals(0, get(page, 1));
    assertEquals(3, get(page, 2));
    assertEquals(2, engine.restart().losersLeft());
    engine.continueRestart();
    engine.restart().await();
    assertEquals(List.of(older.id(), newer.id(), older.id()), undone());
    assertEquals(0, get(page, 0));
    assertEquals(0, get(page, 2));
    assertTrue(engine.unfinished().isEmpty());
    engine.close();
  }

  @Test
  void pendingUpdatesAreThoseThatUndoWouldVisit() {
    long page = cells.makePage(engine);
    Transaction loser = engine.begin();
    cells.set(engine, loser, page, 0, 1);
    Savepoint savepoint = loser.savepoint();
    for (int i = 0; i < 20; i++) {
      cells.set(engine, loser, page, 1, i);
    }
    loser.rollbackTo(savepoint);
    cells.set(engine, loser, page, 2, 2);
    NestedTopAction kept = loser.nestedTopAction();
    cells.set(engine, loser, page, 3, 3);
    kept.end();
    cells.set(engine, loser, page, 4, 4);
    Transaction other = engine.begin();
    cells.set(engine, other, page, 5, 5);
    Engines.commit(engine, other);
    Transaction second = engine.begin();
    cells.set(engine, second, page, 6, 6);
    powerLoss();
    List<Transaction> losers = engine.unfinished();
    List<PendingUpdates> found =
        PendingUpdates.read(engine, losers, (id, manager, body) -> id * 1000 + manager);
    assertEquals(2, found.size());
    for (int i = 0; i < 2; i++) {
      List<Long> expected = new ArrayList<>();
      Transaction each = losers.get(i);
      engine.forEachUpdate(each, update -> expected.addFirst(update.prevLsn()));
      assertEquals(i == 0 ? 3 : 1, expected.size());
      assertEquals(expected.size(), found.get(i).size());
      assertEquals(expected.size(), found.get(i).count());
      for (int j = 0; j < expected.size(); j++) {
        LogRecord.Update update = (LogRecord.Update) decoded(found.get(i).lsn(j));
        assertEquals(expected.get(j), update.prevLsn());
        assertEquals(each.id() * 1000 + update.managerId(), found.get(i).tag(j));
      }
    }
    engine.close();
  }

  @Test
  void undoBehindTheStoreStopsOnAFullDiskAndGoesOnWhenThereIsSpace() {
    long page = cells.makePage(engine);
    Transaction loser = engine.begin();
    for (int i = 0; i < 3000; i++) {
      cells.set(engine, loser, page, i % 100, i + 1);
    }
    powerLoss();
    engine.continueRestart();
    long other = cells.makePage(engine);
    disk.capacity(disk.usedBytes());
    assertThrows(DiskFullException.class, () -> fillTheLog(other));
    DiskFullException full = assertThrows(DiskFullException.class, this::tickToTheEnd);
    assertTrue(full.getMessage() != null, "says what to do");
    assertEquals(1, engine.restart().losersLeft());
    long left = engine.restart().updatesLeft();
    assertThrows(DiskFullException.class, this::tickToTheEnd);
    assertTrue(engine.restart().updatesLeft() <= left, "nothing is undone twice");
    assertTrue(Cells.get(engine, page, 0) > 0, "reading goes on");
    disk.capacity(Long.MAX_VALUE);
    tickToTheEnd();
    assertEquals(0, engine.restart().losersLeft());
    for (int cell = 0; cell < 100; cell++) {
      assertEquals(0, get(page, cell));
    }
    long clrs = undone().stream().filter(id -> id == loser.id()).count();
    assertEquals(3000, clrs);
    engine.close();
  }

  private void fillTheLog(long page) {
    for (int i = 0; ; i++) {
      Transaction filler = engine.begin();
      try {
        for (int j = 0; j < 50; j++) {
          filler.reserve(64);
          cells.set(engine, filler, page, j, i);
        }
      } catch (DiskFullException full) {
        filler.rollback();
        throw full;
      }
      Engines.commit(engine, filler);
    }
  }

  private void tickToTheEnd() {
    while (!engine.restart().isOver()) {
      engine.tick();
    }
  }

  @Test
  void aLongLoserIsKnownFromTheIndexesThatItLeftInTheLog() {
    for (int seed = 1; seed <= 5; seed++) {
      long page = cells.makePage(engine);
      SplittableRandom random = new SplittableRandom(seed);
      Transaction loser = engine.begin();
      for (int i = 0; i < 6000; i++) {
        Savepoint savepoint = random.nextInt(300) == 0 ? loser.savepoint() : null;
        int more = savepoint == null ? 0 : 1 + random.nextInt(seed * 200);
        for (int j = 0; j <= more; j++) {
          if (random.nextInt(50) != 0) { // else nobody has made room for an index
            loser.reserve(100);
          }
          cells.set(engine, loser, page, random.nextInt(200), i);
        }
        if (savepoint != null) {
          loser.rollbackTo(savepoint);
        }
        if (random.nextInt(1000) == 0) {
          engine.checkpoint();
        }
      }
      for (int crash = 0; crash < 3; crash++) {
        powerLoss();
        Transaction left = engine.unfinished().getFirst();
        List<Long> expected = new ArrayList<>();
        engine.forEachUpdate(left, update -> expected.addFirst(update.prevLsn()));
        int[] read = new int[1];
        PendingUpdates found =
            PendingUpdates.read(
                    engine,
                    List.of(left),
                    (id, manager, body) -> {
                      read[0]++;
                      return cells.undoTag(body);
                    })
                .getFirst();
        assertEquals(expected.size(), found.count());
        assertTrue(read[0] < 1700, "records read " + read[0] + " of " + expected.size());
        for (int j = 0; j < expected.size(); j++) {
          LogRecord.Update update = (LogRecord.Update) decoded(found.lsn(j));
          assertEquals(expected.get(j), update.prevLsn());
          assertEquals(cells.undoTag(update.changes().getFirst().body()), found.tag(j));
        }
        engine.continueRestart();
        for (int tick = 0; tick < 25; tick++) {
          engine.tick();
        }
      }
      engine.restart().await();
    }
    engine.close();
  }

  private LogRecord decoded(long lsn) {
    return LogRecordCodec.decode(
        java.lang.foreign.MemorySegment.ofArray(engine.log().read(lsn)), lsn);
  }

  @Test
  void whoWaitsForALoserUndoesItAndNoOther() {
    long page = cells.makePage(engine);
    Transaction first = engine.begin();
    Transaction second = engine.begin();
    for (int i = 0; i < 300; i++) {
      cells.set(engine, first, page, i % 2, i);
      cells.set(engine, second, page, 2 + i % 2, i);
    }
    powerLoss();
    OngoingRestart restart = engine.restart();
    restart.counted(first.id(), 300);
    int parts = 0;
    while (engine.unfinished().size() == 2) {
      assertTrue(restart.help(first.id()));
      parts++;
    }
    assertTrue(parts > 3, "parts " + parts);
    assertEquals(1, restart.losersLeft());
    assertEquals(0, get(page, 0));
    assertEquals(299, get(page, 3));
    assertTrue(restart.updatesLeft() >= 300);
    assertFalse(restart.isOver());
    restart.await();
    assertEquals(0, get(page, 3));
    assertEquals(0, restart.updatesLeft());
    engine.close();
  }

  @Test
  void aLoserIsCutOffByCrashesAndNeverUndoneTwice() {
    long page = cells.makePage(engine);
    Transaction loser = engine.begin();
    for (int i = 0; i < 500; i++) {
      cells.set(engine, loser, page, i % 4, i);
    }
    int crashes = 0;
    powerLoss();
    for (boolean over = false; !over; ) {
      engine.continueRestart();
      long undone = undone().size();
      while (!engine.restart().isOver() && undone().size() == undone) {
        engine.tick(); // whatever comes before undo
      }
      over = engine.restart().isOver();
      powerLoss();
      crashes++;
    }
    engine.restart().await();
    assertTrue(crashes > 3, "crashes " + crashes);
    assertEquals(500, undone().size());
    assertEquals(0, get(page, 0));
    engine.close();
  }

  @Test
  void theCapOfTheLogTakesALoserAsAnyOldTransaction() {
    long page = cells.makePage(engine);
    Transaction loser = engine.begin();
    for (int i = 0; i < 300; i++) {
      cells.set(engine, loser, page, 0, i);
    }
    powerLoss();
    Transaction again = engine.unfinished().getFirst();
    assertTrue(again.doom("its log is needed"));
    assertEquals(0, get(page, 0));
    engine.restart().await();
    assertEquals(300, undone().size());
    assertEquals(0, engine.restart().losersLeft());
    engine.close();
  }
}
