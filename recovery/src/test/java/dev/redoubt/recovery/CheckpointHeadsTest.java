package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.DirtyPage;
import dev.redoubt.io.CorruptionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * Instant restarts of pages whose last record stands before the checkpoint: they know it from the
 * tables, and read nothing of that log before the store is open.
 */
class CheckpointHeadsTest {
  private static final EngineOptions WIDE = Engines.SMALL.withFrames(64);
  private static final EngineOptions INSTANT = WIDE.withRestart(RestartMode.INSTANT);
  private static final int PAGES = 8;

  private final Cells cells = Engines.CELLS;
  private final List<Long> pages = new ArrayList<>();
  private MemoryDisk disk = new MemoryDisk();
  private Engine engine = Engines.open(disk, WIDE);

  private void work(int changes) {
    for (int i = 0; i < PAGES; i++) {
      pages.add(cells.makePage(engine));
    }
    for (int i = 1; i <= changes; i++) {
      Transaction transaction = engine.begin();
      cells.set(engine, transaction, pages.get(i % PAGES), 0, i);
      Engines.commit(engine, transaction);
      if (i == changes / 2) {
        engine.pool().flushAll(); // or whoever misses a page at all has it rebuilt from the log
      }
    }
  }

  private void changeOther() {
    long other = cells.makePage(engine);
    Transaction transaction = engine.begin();
    cells.set(engine, transaction, other, 0, 1);
    Engines.commit(engine, transaction);
  }

  private void powerLoss(EngineOptions options) {
    engine.log().forceAll();
    engine.abandon();
    disk = disk.afterPowerLoss();
    engine = Engines.open(disk, options);
  }

  private void checkAll(int changes) {
    for (int i = changes; i > changes - PAGES; i--) {
      assertEquals(i, Cells.get(engine, pages.get(i % PAGES), 0), "page " + pages.get(i % PAGES));
    }
  }

  @Test
  void aPageChangedForTheLastTimeBeforeTheCheckpointIsOwedItsLastRecord() {
    work(100);
    engine.checkpoint();
    changeOther();
    powerLoss(INSTANT);
    assertTrue(engine.restart().pagesOwed() >= PAGES, "owed " + engine.restart().pagesOwed());
    assertEquals(0, engine.lastRecovery().redone());
    checkAll(100);
    engine.continueRestart();
    engine.restart().await();
    checkAll(100);
    engine.close();
  }

  @Test
  void checkpointsOfAnInstantRestartTellTheHeadsOn() {
    work(100);
    engine.checkpoint();
    changeOther();
    powerLoss(INSTANT);
    Cells.get(engine, pages.get(3), 0); // one is brought, the others are owed
    engine.checkpoint();
    changeOther();
    powerLoss(INSTANT);
    checkAll(100);
    engine.close();
  }

  @Test
  void headsThatNoTableTellsAreLookedForInTheLog() {
    work(100);
    Checkpointer.Tables tables = engine.tables();
    Checkpointer.Tables busy =
        new Checkpointer.Tables() {
          @Override
          public List<TransactionEntry> transactions() {
            return tables.transactions();
          }

          @Override
          public List<DirtyPage> dirtyPages() {
            return tables.dirtyPages().stream()
                .map(page -> new DirtyPage(page.pageId(), page.recLsn()))
                .toList();
          }

          @Override
          public long nextTransactionId() {
            return tables.nextTransactionId();
          }
        };
    engine.checkpoint(busy);
    changeOther();
    powerLoss(INSTANT);
    assertTrue(engine.restart().pagesOwed() >= PAGES, "owed " + engine.restart().pagesOwed());
    checkAll(100);
    engine.close();
  }

  @Test
  void damageOfTheLogBeforeTheCheckpointCostsThePagesWhoseChainsLeadThere() {
    work(PAGES);
    Transaction transaction = engine.begin();
    long damagedLsn = cells.set(engine, transaction, pages.get(3), 1, 7);
    Engines.commit(engine, transaction);
    int filled = 0;
    while (engine.log().endLsn() < damagedLsn + 2L * engine.log().segmentBytes()) {
      transaction = engine.begin();
      cells.set(engine, transaction, pages.get(filled++ % 2), 2, filled);
      Engines.commit(engine, transaction);
    }
    engine.checkpoint();
    changeOther();
    engine.log().forceAll();
    engine.abandon();
    disk = disk.afterPowerLoss();
    long segmentBytes = Engines.SMALL.log().segmentBytes();
    String segment = String.format(Locale.ROOT, "log-%016x.seg", damagedLsn / segmentBytes);
    disk.put(segment, damagedLsn % segmentBytes + 9, new byte[] {1, 2, 3, 4});
    assertThrows(CorruptionException.class, () -> Engines.open(disk, WIDE));
    engine = Engines.open(disk, INSTANT);
    engine.continueRestart();
    engine.restart().await();
    assertThrows(CorruptionException.class, () -> Cells.get(engine, pages.get(3), 0));
    assertEquals(List.of(pages.get(3)), engine.lastRecovery().quarantinedPages());
    assertEquals(filled, Cells.get(engine, pages.get((filled - 1) % 2), 2));
    assertEquals(5, Cells.get(engine, pages.get(5), 0));
    engine.close();
  }
}
