package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.wal.LogHolder;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Damaged, lost and misdirected pages whose chain the log still holds are made anew. */
class PageRebuildTest {
  private final DamagedPages store = new DamagedPages();

  @AfterEach
  void close() {
    store.engine.close();
  }

  private boolean isHeld() {
    return store.engine.log().holders().stream()
        .anyMatch(holder -> holder.name().equals("rebuild of a page"));
  }

  @Test
  void damagedPageIsRebuiltWhenItIsFirstReadWhileTheEngineRuns() {
    long page = store.cells.makePage(store.engine);
    for (int i = 0; i < 200; i++) {
      store.commit(page, i % 7, i);
    }
    store.evictAll();
    byte[] good = store.stored(page);
    store.spoil(page);
    assertEquals(199, store.get(page, 199 % 7));
    assertTrue(store.isDirty(page), "the stored page is bad until the rebuilt one is home");
    store.engine.pool().flushAll();
    assertArrayEquals(good, store.stored(page));
    assertEquals(List.of(), store.engine.stats().quarantinedPages());
  }

  @Test
  void rebuiltPageThatIsNotHomeYetSurvivesCheckpointsAndACrash() {
    long page = store.cells.makePage(store.engine);
    try (LogHolder untilDamaged = store.engine.log().hold("test", store.engine.log().startLsn())) {
      fillLog();
      store.commit(page, 1, 5);
      fillLog();
      store.evictAll();
      store.engine.checkpoint();
      store.spoil(page);
      assertEquals(5, store.get(page, 1));
      assertTrue(isHeld(), "its log is held until a checkpoint knows the page");
      assertTrue(untilDamaged.lsn() < store.engine.log().endLsn());
    }
    store.engine.checkpoint();
    assertFalse(isHeld());
    // The bound of that checkpoint covers the format record; what follows cannot push it out.
    fillLog();
    fillLog();
    RecoveryReport report = store.powerLoss();
    assertEquals(List.of(), report.quarantinedPages());
    assertEquals(5, store.get(page, 1));
  }

  /** More than a segment of log, and a checkpoint. */
  private void fillLog() {
    long other = store.cells.makePage(store.engine);
    for (int round = 0; round < 15; round++) {
      Transaction transaction = store.engine.begin();
      for (int i = 0; i < 500; i++) {
        store.set(transaction, other, i % 50, i);
      }
      Engines.commit(store.engine, transaction);
    }
    store.engine.checkpoint();
  }

  @Test
  void checkpointUnderWayDoesNotLetTheLogOfARebuiltPageGo() {
    long page = store.cells.makePage(store.engine);
    store.commit(page, 1, 5);
    long format = store.engine.log().endLsn();
    store.evictAll();
    store.spoil(page);
    PageRebuild rebuild =
        new PageRebuild(
            store.engine.log(),
            store.engine.pool().store(),
            store.engine.managers(),
            new Quarantine(store.engine.log()));
    // A checkpoint that began before the page came into the table must not count for it.
    long begin = store.engine.checkpoint();
    store.engine.pool().setRepair(rebuild);
    assertEquals(5, store.get(page, 1));
    rebuild.checkpointed(begin);
    assertTrue(isHeld());
    rebuild.checkpointed(store.engine.checkpoint());
    assertFalse(isHeld());
    assertTrue(store.engine.log().startLsn() < format);
  }

  @Test
  void misdirectedPageIsNoticedAndBothAreRebuilt() {
    long one = store.cells.makePage(store.engine);
    long two = store.cells.makePage(store.engine);
    store.commit(one, 0, 1);
    store.commit(two, 0, 2);
    store.evictAll();
    byte[] older = store.stored(two);
    store.commit(two, 0, 3);
    store.evictAll();
    // The write of page two went to the place of page one; its own place kept the old version.
    store.store(one, store.stored(two));
    store.store(two, older);
    assertEquals(1, store.get(one, 0));
    assertEquals(3, store.get(two, 0));
  }

  @Test
  void lostWriteIsNoticedWhileTheEngineRunsAndRolledForward() {
    long page = store.cells.makePage(store.engine);
    store.commit(page, 0, 1);
    store.evictAll();
    byte[] older = store.stored(page);
    store.commit(page, 0, 2);
    store.commit(page, 1, 3);
    store.evictAll();
    store.store(page, older);
    assertEquals(2, store.get(page, 0));
    assertEquals(3, store.get(page, 1));
    assertTrue(store.isDirty(page));
  }

  @Test
  void lostFirstWriteLeavesZerosAndIsNoticed() {
    long page = store.cells.makePage(store.engine);
    store.commit(page, 0, 1);
    store.evictAll();
    store.store(page, new byte[DamagedPages.PAGE]);
    assertEquals(1, store.get(page, 0));
  }

  @Test
  void damagedBitmapIsRebuiltToo() {
    long page = store.cells.makePage(store.engine);
    store.evictAll();
    long allocated = store.engine.space().allocatedPages();
    store.evictAll();
    long bitmap = RootDirectory.PAGE_ID + 1;
    store.spoil(bitmap);
    store.engine.pool().flushAll();
    store.powerLoss(() -> store.spoil(bitmap));
    assertTrue(store.engine.space().isAllocated(page));
    assertTrue(store.engine.space().allocatedPages() > allocated);
  }

  @Test
  void restartRebuildsAPageDamagedFurtherBackThanRedoBegins() {
    long page = store.cells.makePage(store.engine);
    for (int i = 0; i < 50; i++) {
      store.commit(page, 0, i);
    }
    store.engine.pool().flushAll();
    store.engine.checkpoint();
    store.commit(page, 1, 7);
    RecoveryReport report = store.powerLoss(() -> store.spoil(page));
    assertEquals(List.of(), report.quarantinedPages());
    assertEquals(1, report.pagesRebuilt());
    assertEquals(49, store.get(page, 0));
    assertEquals(7, store.get(page, 1));
    assertEquals(0, store.powerLoss().quarantinedPages().size());
    assertEquals(7, store.get(page, 1));
  }

  @Test
  void restartRollsALostWriteForwardAndItsLosersBack() {
    long page = store.cells.makePage(store.engine);
    store.engine.pool().flushAll();
    byte[] older = store.stored(page);
    store.commit(page, 0, 1);
    store.engine.pool().flushAll();
    store.engine.checkpoint();
    Transaction loser = store.engine.begin();
    store.set(loser, page, 0, 9);
    store.set(loser, page, 1, 9);
    store.engine.log().forceAll();
    RecoveryReport report = store.powerLoss(() -> store.store(page, older));
    assertEquals(List.of(), report.quarantinedPages());
    assertEquals(1, report.pagesRebuilt());
    assertEquals(2, report.clrsWritten());
    assertEquals(1, store.get(page, 0));
    assertEquals(0, store.get(page, 1));
  }

  @Test
  void lostWriteOfAPageThatRestartNeedNotTouchIsNoticedAfterwards() {
    long page = store.cells.makePage(store.engine);
    long pin = store.cells.makePage(store.engine);
    store.engine.pool().flushAll();
    byte[] older = store.stored(page);
    store.commit(pin, 0, 1); // stays dirty: redo begins here
    store.commit(page, 0, 2);
    try (PageGuard latched = store.engine.pool().exclusive(pin)) {
      store.engine.pool().cleanSome(100);
      assertTrue(latched.isDirty());
    }
    store.engine.checkpoint();
    RecoveryReport report = store.powerLoss(() -> store.store(page, older));
    assertTrue(report.skippedNotDirty() > 0, report.toString());
    assertEquals(2, store.get(page, 0), "redo has met its record and knows the version");
  }

  @Test
  void nobodyElseWaitsWhileAPageIsRebuilt() throws InterruptedException {
    long bad = store.cells.makePage(store.engine);
    store.commit(bad, 0, 1);
    store.evictAll();
    long good = store.cells.makePage(store.engine);
    store.spoil(bad);
    CountDownLatch rebuilding = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    PageRebuild real =
        new PageRebuild(
            store.engine.log(),
            store.engine.pool().store(),
            store.engine.managers(),
            new Quarantine(store.engine.log()));
    store.engine.pool().setRepair(new Slow(real, rebuilding, goOn));
    AtomicReference<Long> found = new AtomicReference<>(0L);
    Thread reader = Thread.ofPlatform().start(() -> found.set(store.get(bad, 0)));
    assertTrue(rebuilding.await(30, TimeUnit.SECONDS));
    store.commit(good, 0, 4);
    assertEquals(4, store.get(good, 0));
    store.engine.checkpoint();
    goOn.countDown();
    reader.join();
    assertEquals(1L, found.get());
  }

  private record Slow(PageRebuild real, CountDownLatch begun, CountDownLatch goOn)
      implements dev.redoubt.buffer.PageRepair {
    @Override
    public Outcome repair(
        java.lang.foreign.MemorySegment page,
        long pageId,
        long baseLsn,
        long headLsn,
        dev.redoubt.io.StorageException problem) {
      begun.countDown();
      try {
        assertTrue(goOn.await(30, TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return real.repair(page, pageId, baseLsn, headLsn, problem);
    }

    @Override
    public void entered(long pageId) {
      real.entered(pageId);
    }

    @Override
    public void lifted(long pageId) {
      real.lifted(pageId);
    }
  }

  @Test
  void pageOfAnotherTimeIsNotABase() {
    long page = store.cells.makePage(store.engine);
    store.commit(page, 0, 1);
    store.evictAll();
    // Intact, older, and no version that the page ever had.
    byte[] wrong =
        store.resealed(
            page,
            bytes -> {
              bytes[16] ^= 1; // pageLSN
              bytes[17] = 0;
              bytes[18] = 0;
              return bytes;
            });
    store.store(page, wrong);
    assertEquals(1, store.get(page, 0));
    assertThrows(CorruptionException.class, () -> store.get(99, 0));
  }
}
