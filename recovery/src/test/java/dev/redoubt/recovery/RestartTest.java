package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageStore;
import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.io.Disk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RestartTest {
  private static final int PAGE = 4096;

  private final Cells cells = Engines.CELLS;
  private MemoryDisk disk = new MemoryDisk();
  private Engine engine = Engines.open(disk);

  private void set(Transaction transaction, long page, int cell, long value) {
    cells.set(engine, transaction, page, cell, value);
  }

  private long get(long page, int cell) {
    return Cells.get(engine, page, cell);
  }

  /** Power goes off and comes back. */
  private RecoveryReport powerLoss() {
    engine.abandon();
    disk = disk.afterPowerLoss();
    engine = Engines.open(disk);
    return engine.lastRecovery();
  }

  @Test
  void winnersStayAndLosersGo() {
    long page = cells.makePage(engine);
    Transaction winner = engine.begin();
    Transaction loser = engine.begin();
    set(winner, page, 0, 1);
    set(loser, page, 1, 2);
    set(winner, page, 2, 3);
    Engines.commit(engine, winner);
    set(loser, page, 3, 4);
    engine.log().forceAll();
    RecoveryReport report = powerLoss();
    assertEquals(1, get(page, 0));
    assertEquals(0, get(page, 1));
    assertEquals(3, get(page, 2));
    assertEquals(0, get(page, 3));
    assertEquals(1, report.losers());
    assertEquals(2, report.clrsWritten());
    assertFalse(report.clean());
    assertEquals(1, Engines.count(engine, "end", loser.id()));
    engine.close();
  }

  @Test
  void commitWithoutEndGetsItsEnd() {
    long page = cells.makePage(engine);
    Transaction winner = engine.begin();
    set(winner, page, 0, 1);
    engine.log().force(winner.commit());
    RecoveryReport report = powerLoss();
    assertEquals(1, get(page, 0));
    assertEquals(0, report.losers());
    assertEquals(1, Engines.count(engine, "end", winner.id()));
    assertEquals(0, engine.stats().activeTransactions());
    engine.close();
  }

  @Test
  void cleanStoreOpensWithoutRedo() {
    long page = cells.makePage(engine);
    Transaction winner = engine.begin();
    set(winner, page, 0, 1);
    Engines.commit(engine, winner);
    set(engine.begin(), page, 1, 2);
    engine.close();
    engine = Engines.open(disk);
    RecoveryReport report = engine.lastRecovery();
    assertTrue(report.clean());
    assertEquals(0, report.redone());
    assertEquals(0, report.skippedPageLsn() + report.skippedRecLsn() + report.skippedNotDirty());
    assertEquals(0, report.losers());
    assertEquals(report.endLsn(), report.redoLsn());
    assertEquals(1, get(page, 0));
    assertEquals(0, get(page, 1), "close rolled the active transaction back");
    engine.close();
  }

  @Test
  void redoSkipsAreCountedByTheirTest() {
    long onDisk = cells.makePage(engine);
    long inMemory = cells.makePage(engine);
    engine.pool().flushAll();
    engine.checkpoint();
    Transaction winner = engine.begin();
    set(winner, onDisk, 0, 1);
    set(winner, inMemory, 0, 2);
    engine.pool().flushAll();
    set(winner, inMemory, 0, 3);
    Engines.commit(engine, winner);
    RecoveryReport report = powerLoss();
    // Both pages stand in the analysis table from their first record on; pageLSN decides.
    assertEquals(2, report.skippedPageLsn());
    assertEquals(1, report.redone());
    assertEquals(0, report.skippedNotDirty() + report.skippedRecLsn());
    assertEquals(3, get(inMemory, 0));
    engine.close();
  }

  @Test
  void pageSkippedByPageLsnIsDirtyAllTheSame() {
    // Rule 13: kill -9 leaves a page that reads as new and is not durable; restart must write it.
    long page = cells.makePage(engine);
    engine.checkpoint();
    Transaction winner = engine.begin();
    set(winner, page, 0, 1);
    Engines.commit(engine, winner);
    engine.pool().flushAll();
    engine.abandon();
    disk = disk.afterProcessDeath();
    engine = Engines.open(disk);
    assertTrue(engine.lastRecovery().skippedPageLsn() > 0);
    assertTrue(engine.pool().dirtyPages().stream().anyMatch(dirty -> dirty.pageId() == page));
    powerLoss();
    assertEquals(1, get(page, 0));
    engine.close();
  }

  @Test
  void repeatedCrashesInUndoWriteEachClrOnce() {
    long page = cells.makePage(engine);
    Transaction loser = engine.begin();
    int updates = 40;
    for (int i = 0; i < updates; i++) {
      set(loser, page, i % 8, i + 1);
    }
    engine.log().forceAll();
    engine.abandon();
    MemoryDisk crashed = disk.afterPowerLoss();
    int interrupted = 0;
    for (int cut = 0; ; cut++) {
      // Each restart gets a little further, loses power, and leaves its disk to the next.
      crashed.cutAfter(4 + cut % 17);
      try {
        engine = Engines.open(crashed);
        break;
      } catch (MemoryDisk.PowerCut | dev.redoubt.io.EngineHaltedException powerOff) {
        interrupted++;
        crashed = crashed.afterPowerLoss();
      }
      assertTrue(cut < 1000, "restart makes no progress");
    }
    crashed.cutAfter(Long.MAX_VALUE);
    assertTrue(interrupted > 3, "only " + interrupted + " restarts were interrupted");
    for (int cell = 0; cell < 8; cell++) {
      assertEquals(0, get(page, cell));
    }
    long clrs = Engines.count(engine, "clr", loser.id());
    assertEquals(updates, clrs, "I-6: exactly one CLR for each update, over all restarts");
    engine.close();
  }

  @Test
  void openNestedTopActionsOfAllLosersAreUndoneFirst() {
    long page = cells.makePage(engine);
    Transaction older = engine.begin();
    set(older, page, 0, 1);
    NestedTopAction structure = older.nestedTopAction();
    set(older, page, 1, 2);
    Transaction newer = engine.begin();
    set(newer, page, 2, 3);
    engine.log().forceAll();
    List<String> undone = new ArrayList<>();
    engine.abandon();
    disk = disk.afterPowerLoss();
    engine = Engines.open(disk);
    for (LogEntry entry : Engines.records(engine)) {
      if (entry.type().equals("clr")) {
        undone.add(entry.transactionId() + " to " + entry.undoNextLsn());
      }
    }
    assertEquals(3, undone.size());
    // Though the newer transaction's record has the larger LSN, the open action goes first.
    assertTrue(undone.getFirst().startsWith(older.id() + " "), undone.toString());
    assertTrue(undone.get(1).startsWith(newer.id() + " "), undone.toString());
    for (int cell = 0; cell < 3; cell++) {
      assertEquals(0, get(page, cell));
    }
    assertThrows(RuntimeException.class, structure::end);
    engine.close();
  }

  @Test
  void preparedTransactionStaysInDoubtOverCrashesAndCheckpoints() {
    long page = cells.makePage(engine);
    Transaction branch = engine.begin();
    set(branch, page, 0, 5);
    branch.prepare(new byte[] {1, 2}, new byte[] {9});
    assertThrows(IllegalStateException.class, () -> set(branch, page, 1, 1));
    powerLoss();
    engine.checkpoint();
    RecoveryReport report = powerLoss();
    assertEquals(1, report.inDoubt());
    assertEquals(0, report.losers());
    Transaction again = engine.unfinished().getFirst();
    assertEquals(branch.id(), again.id());
    assertEquals(Transaction.State.PREPARED, again.state());
    assertArrayEquals(new byte[] {1, 2}, again.globalId());
    assertArrayEquals(new byte[] {9}, again.payload());
    List<Long> pages = new ArrayList<>();
    engine.forEachUpdate(again, update -> pages.add(update.changes().getFirst().pageId()));
    assertEquals(List.of(page), pages);
    engine.close();
    engine = Engines.open(disk);
    engine.unfinished().getFirst().rollback();
    engine.log().forceAll();
    assertEquals(0, get(page, 0));
    assertTrue(engine.unfinished().isEmpty());
    powerLoss();
    assertEquals(0, get(page, 0));
    assertTrue(engine.unfinished().isEmpty());
    engine.close();
  }

  @Test
  void preparedTransactionCommitsAfterACrash() {
    long page = cells.makePage(engine);
    Transaction branch = engine.begin();
    set(branch, page, 0, 5);
    branch.prepare(new byte[] {1}, new byte[0]);
    powerLoss();
    Engines.commit(engine, engine.unfinished().getFirst());
    powerLoss();
    assertEquals(5, get(page, 0));
    assertTrue(engine.unfinished().isEmpty());
    engine.close();
  }

  @Test
  void transactionIdsAreNeverUsedAgain() {
    long page = cells.makePage(engine);
    long last = 0;
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < 3; i++) {
        Transaction transaction = engine.begin();
        assertTrue(transaction.id() > last, transaction.id() + " after " + last);
        last = transaction.id();
        set(transaction, page, i, round);
        Engines.commit(engine, transaction);
      }
      if (round % 2 == 0) {
        engine.checkpoint();
        engine.close();
        engine = Engines.open(disk);
      } else {
        powerLoss();
      }
    }
    engine.close();
  }

  @Test
  void recordsBelowRecLsnAndOfCleanPagesAreSkippedUnread() {
    long clean = cells.makePage(engine);
    long dirty = cells.makePage(engine);
    engine.pool().flushAll();
    // This page keeps the redo point back while the other one is written and dirtied again.
    long pinned = cells.makePage(engine);
    Transaction winner = engine.begin();
    set(winner, clean, 0, 1);
    set(winner, dirty, 0, 2);
    try (var guard = engine.pool().exclusive(pinned)) {
      assertEquals(pinned, guard.pageId());
      engine.pool().cleanSome(100); // Skips what is latched.
    }
    set(winner, dirty, 0, 3);
    engine.checkpoint();
    Engines.commit(engine, winner);
    RecoveryReport report = powerLoss();
    assertTrue(report.redoLsn() < report.checkpointLsn());
    assertTrue(report.skippedNotDirty() >= 1, report.toString());
    assertTrue(report.skippedRecLsn() >= 1, report.toString());
    assertEquals(1, get(clean, 0));
    assertEquals(3, get(dirty, 0));
    engine.close();
  }

  /** Damages the stored page, whatever it is stored in. */
  private void overwrite(long page) {
    PageStoreKind.Place place =
        new PageStoreKind.Place(disk, engine.log().storeId(), PAGE, false, Disk.Caching.BUFFERED);
    ByteBuffer noise = ByteBuffer.allocateDirect(PAGE).put(100, (byte) 1);
    try (PageStore store = TestPages.KIND.open(place)) {
      store.writeDurably(List.of(new PageStore.PageImage(page, noise)));
    }
  }

  @Test
  void formatRecordCuresAnUnreadablePage() {
    long page = cells.makePage(engine);
    Transaction winner = engine.begin();
    set(winner, page, 0, 1);
    Engines.commit(engine, winner);
    // The page's log reaches back to its format record: what is on disk does not matter (rule 9).
    engine.pool().flushAll();
    engine.abandon();
    disk = disk.afterPowerLoss();
    overwrite(page);
    engine = Engines.open(disk);
    assertEquals(List.of(), engine.lastRecovery().quarantinedPages());
    assertEquals(1, get(page, 0));
    engine.close();
  }

  @Test
  void crashAtAnyWriteOfCreationLeavesNoStoreOrAGoodOne() {
    engine.close();
    for (int cut = 0; ; cut++) {
      MemoryDisk fresh = new MemoryDisk();
      fresh.cutAfter(cut);
      try {
        Engines.open(fresh).abandon();
        assertTrue(cut > 10, "creation takes more than " + cut + " writes");
        return;
      } catch (MemoryDisk.PowerCut | dev.redoubt.io.EngineHaltedException off) {
        for (MemoryDisk after :
            new MemoryDisk[] {fresh.afterPowerLoss(), fresh.afterProcessDeath()}) {
          try (Engine again = Engines.open(after)) {
            assertEquals(2, again.space().allocatedPages(), "cut at write " + cut);
          }
        }
      }
    }
  }
}
