package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.StorageIoException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PageCleanerTest {
  private final MemoryDisk disk = new MemoryDisk();
  private final FakeLog log = new FakeLog();
  private final Fixture fixture = new Fixture(disk, log, new BufferPoolOptions(64, false));
  private final BufferPool pool = fixture.pool;

  @AfterEach
  void close() {
    disk.listener = (kind, name) -> {};
    fixture.close();
  }

  /** Runs once, when the homes of a batch are about to be forced. */
  private void beforeHomeForce(Runnable action) {
    AtomicBoolean done = new AtomicBoolean();
    disk.listener =
        (kind, name) -> {
          if (kind.equals("force")
              && name.equals(FilePageStore.PAGES_FILE)
              && done.compareAndSet(false, true)) {
            action.run();
          }
        };
  }

  @Test
  void aPageLeavesTheTableOnlyAfterTheForceOfItsHome() {
    fixture.create(1, 10);
    long recLsn = pool.oldestRecLsn();
    AtomicLong during = new AtomicLong();
    beforeHomeForce(
        () -> {
          during.set(pool.oldestRecLsn());
          assertEquals(Map.of(1L, recLsn), recLsns(pool.dirtyPages()));
        });
    assertEquals(1, pool.cleanSome(1));
    assertEquals(recLsn, during.get());
    assertEquals(List.of(), pool.dirtyPages());
  }

  @Test
  void aPageChangedBetweenCopyAndHomeForceStaysDirtyFromTheLastChangeOfTheCopyOn() {
    fixture.create(1, 10);
    long afterCopied = log.endLsn() - 100 + 1;
    beforeHomeForce(() -> fixture.write(1, 11));
    assertEquals(0, pool.cleanSome(1));
    assertEquals(Map.of(1L, afterCopied), recLsns(pool.dirtyPages()));
    // What went home is the copy; the change goes with the next batch.
    assertEquals(1, pool.cleanSome(1));
    assertEquals(List.of(), pool.dirtyPages());
    try (Fixture after = new Fixture(disk.afterPowerCut(), log, new BufferPoolOptions(16, false))) {
      assertEquals(11, after.read(1));
    }
  }

  @Test
  void aPageChangedBetweenCopyAndHomeForceKeepsALaterRecLsnOfAChangeGivenUp() {
    fixture.create(1, 10);
    pool.flushAll();
    log.append();
    try (PageGuard guard = pool.exclusive(1)) {
      guard.prepareChange();
    }
    long recLsn = pool.oldestRecLsn();
    beforeHomeForce(() -> fixture.write(1, 11));
    assertEquals(0, pool.cleanSome(1));
    assertEquals(Map.of(1L, recLsn), recLsns(pool.dirtyPages()));
  }

  @Test
  void aChangeBetweenCopyAndForceThatLosesThePowerIsCoveredByRecLsn() {
    // Rule 7's schedule: were recLSN any later, redo would start behind the lost change.
    fixture.create(1, 10);
    AtomicLong changeLsn = new AtomicLong();
    beforeHomeForce(
        () -> {
          try (PageGuard guard = pool.exclusive(1)) {
            changeLsn.set(fixture.write(guard, 11));
          }
        });
    pool.cleanSome(1);
    try (Fixture after = new Fixture(disk.afterPowerCut(), log, new BufferPoolOptions(16, false))) {
      assertEquals(10, after.read(1));
    }
    assertTrue(pool.oldestRecLsn() <= changeLsn.get());
  }

  @Test
  void theLogIsForcedPastEveryPageOfTheBatchBeforeTheFirstIsWritten() {
    List<String> order = new ArrayList<>();
    fixture.create(1, 10);
    fixture.create(2, 20);
    log.onForce = () -> order.add("log");
    disk.listener =
        (kind, name) -> {
          if (kind.equals("write")) {
            order.add(name);
          }
        };
    pool.cleanSome(2);
    assertEquals(List.of("log", DoubleWriteFile.NAME, FilePageStore.PAGES_FILE), order);
  }

  @Test
  void aPageWhoseLogIsNotDurableIsRefused() {
    fixture.create(1, 10);
    log.forceDoesNothing = true;
    AtomicBoolean written = new AtomicBoolean();
    disk.listener = (kind, name) -> written.compareAndSet(false, kind.equals("write"));
    EngineHaltedException error =
        assertThrows(EngineHaltedException.class, () -> pool.cleanSome(1));
    assertTrue(error.toString().contains("I-1"), error.toString());
    assertFalse(written.get());
    assertTrue(log.gate().isHalted());
  }

  @Test
  void theDurableEndIsExclusive() {
    // Rule 1: a record at 8192 with the durable end at 8192 is not durable.
    log.setEnd(8192);
    log.force(0);
    log.forceDoesNothing = true;
    fixture.create(1, 10);
    try (PageGuard guard = pool.shared(1)) {
      assertEquals(log.durableEndLsn(), guard.pageLsn());
    }
    assertThrows(EngineHaltedException.class, () -> pool.cleanSome(1));
  }

  @Test
  void aFailedForceHaltsAndNothingIsWrittenAfterwards() {
    fixture.create(1, 10);
    beforeHomeForce(
        () -> {
          throw new StorageIoException("no");
        });
    EngineHaltedException error = assertThrows(EngineHaltedException.class, pool::flushAll);
    assertInstanceOf(EngineHaltedException.class, error.getCause());
    disk.listener =
        (kind, name) -> {
          throw new AssertionError("a " + kind + " after the halt");
        };
    assertThrows(EngineHaltedException.class, () -> pool.cleanSome(1));
    assertThrows(EngineHaltedException.class, () -> fixture.store.ensureCapacity(10_000));
    assertEquals(1, pool.stats().dirty());
  }

  @Test
  void aPageThatIsLatchedExclusivelyIsLeftAndDelaysNobody() {
    fixture.create(1, 10);
    fixture.create(2, 20);
    try (PageGuard guard = pool.exclusive(1)) {
      assertEquals(1, pool.cleanSome(10));
      assertEquals(1, pool.dirtyPages().getFirst().pageId());
      assertTrue(guard.isDirty());
    }
    try (PageGuard guard = pool.shared(1)) {
      assertEquals(1, pool.cleanSome(10));
      assertFalse(guard.isDirty());
    }
  }

  @Test
  void theOldestGoFirst() {
    for (long id = 1; id <= 40; id += 10) {
      fixture.create(id, id);
    }
    long[] order = {1, 11, 21, 31};
    for (int i = 0; i < order.length; i++) {
      assertEquals(
          order[i], pool.dirtyPages().stream().mapToLong(DirtyPage::pageId).min().getAsLong());
      assertEquals(1, pool.cleanSome(1));
    }
  }

  @Test
  void neighboursGoOutInOneWrite() {
    for (long id = 20; id >= 11; id--) {
      fixture.create(id, id);
    }
    List<String> writes = new ArrayList<>();
    disk.listener =
        (kind, name) -> {
          if (kind.equals("write")) {
            writes.add(name);
          }
        };
    assertTrue(pool.cleanSome(1) > 1);
    assertEquals(List.of(DoubleWriteFile.NAME, FilePageStore.PAGES_FILE), writes);
  }

  @Test
  void aFullBatchIsOfRunsToo() {
    try (Fixture many = new Fixture(disk, log, new BufferPoolOptions(512, false))) {
      for (long id = 1; id < 400; id += 2) {
        many.create(id, id);
      }
      for (long id = 2; id <= 400; id += 2) {
        many.create(id, id);
      }
      for (int i = 0; i < 100; i++) {
        log.append();
      }
      AtomicLong writes = new AtomicLong();
      disk.listener =
          (kind, name) -> {
            if (kind.equals("write") && name.equals(FilePageStore.PAGES_FILE)) {
              writes.incrementAndGet();
            }
          };
      int batch = DoubleWriteLayout.maxPages(4096);
      assertEquals(batch, many.pool.cleanSome(batch));
      assertTrue(writes.get() <= batch / 16, writes + " writes of " + batch + " pages");
    }
  }

  @Test
  void neighbourThatTurnedDirtyLongAfterStaysForItsOwnTime() {
    fixture.create(11, 1);
    fixture.create(12, 1);
    for (int i = 0; i < 30; i++) {
      log.append();
    }
    fixture.create(13, 1);
    assertEquals(2, pool.cleanSome(1), "page 11 and 12, which is as old");
    assertEquals(List.of(13L), pool.dirtyPages().stream().map(DirtyPage::pageId).toList());
  }

  @Test
  void recLsnStandsBeforeTheRecordIsAppended() {
    // DESIGN section 4, the first race: the page must be in a table copied after the append.
    fixture.create(1, 10);
    pool.flushAll();
    try (PageGuard guard = pool.exclusive(1)) {
      guard.prepareChange();
      long beginCheckpoint = log.append();
      List<DirtyPage> table = pool.dirtyPages();
      long lsn = log.append();
      guard.changed(lsn);
      assertEquals(1, table.size());
      assertTrue(table.getFirst().recLsn() <= lsn);
      assertTrue(table.getFirst().recLsn() <= beginCheckpoint);
    }
  }

  @Test
  void everyRecordIsInACopiedTableOrAfterItsCheckpointBegan() {
    fixture.create(1, 10);
    pool.flushAll();
    Threads threads = new Threads();
    AtomicLong lastChange = new AtomicLong(homeLsn());
    AtomicBoolean done = new AtomicBoolean();
    threads.start(
        () -> {
          for (int i = 0; i < 20_000; i++) {
            try (PageGuard guard = pool.exclusive(1)) {
              lastChange.set(fixture.write(guard, i));
            }
          }
          done.set(true);
        });
    threads.start(
        () -> {
          while (!done.get() && !threads.failed()) {
            pool.cleanSome(1);
          }
        });
    threads.start(
        () -> {
          while (!done.get() && !threads.failed()) {
            long changed = lastChange.get();
            long begin = log.append();
            List<DirtyPage> table = pool.dirtyPages();
            // The record at `changed` is applied. Either it is home and durable, or it is covered.
            boolean covered = table.stream().anyMatch(page -> page.recLsn() <= changed);
            if (!covered) {
              assertTrue(homeLsn() >= changed, "lost: change " + changed + ", checkpoint " + begin);
            }
          }
        });
    threads.join();
  }

  private static Map<Long, Long> recLsns(List<DirtyPage> pages) {
    return pages.stream().collect(Collectors.toMap(DirtyPage::pageId, DirtyPage::recLsn));
  }

  private long homeLsn() {
    byte[] header = disk.bytes(FilePageStore.PAGES_FILE, Fixture.PAGE, 32);
    return PageLayout.pageLsn(MemorySegment.ofArray(header));
  }

  @Test
  void redoKeepsAPageDirtyFromItsAnalysisRecLsn() {
    fixture.create(1, 10);
    pool.flushAll();
    try (PageGuard guard = pool.forRedo(1)) {
      guard.prepareRedo(4096);
    }
    assertEquals(Map.of(1L, 4096L), recLsns(pool.dirtyPages()));
    try (PageGuard guard = pool.forRedo(1)) {
      guard.prepareRedo(5000);
    }
    assertEquals(4096, pool.oldestRecLsn());
    assertEquals(1, pool.cleanSome(1));
  }

  @Test
  void changeThatRedoAppliesBetweenCopyAndForceIsCoveredByRecLsn() {
    // Redo's records lie far below the end of the log. Were recLSN the end, the checkpoint at the
    // end of restart would forget the second change, and the next crash lose it.
    fixture.create(1, 10);
    pool.flushAll();
    long first = log.append();
    long second = log.append();
    log.setEnd(second + 1_000_000);
    redo(first, 11);
    beforeHomeForce(() -> redo(second, 12));
    assertEquals(0, pool.cleanSome(1));
    assertTrue(pool.oldestRecLsn() <= second, "recLSN " + pool.oldestRecLsn());
    assertTrue(pool.oldestRecLsn() > first, "recLSN " + pool.oldestRecLsn());
  }

  private void redo(long lsn, long value) {
    try (PageGuard guard = pool.forRedo(1)) {
      guard.prepareRedo(lsn);
      Fixture.put(guard.page(), value);
      guard.changed(lsn);
    }
  }

  @Test
  void flushAllWaitsForALatchedPage() {
    fixture.create(1, 10);
    Threads threads = new Threads();
    PageGuard guard = pool.exclusive(1);
    Thread flusher = threads.start(pool::flushAll);
    Threads.awaitSleep(flusher);
    assertEquals(1, pool.stats().dirty());
    guard.close();
    threads.join();
    assertEquals(0, pool.stats().dirty());
  }

  @Test
  void noTableLacksAPageWhoseRecLsnHasBeenRead() throws InterruptedException {
    // The end is read; a whole checkpoint passes, which lets go of the log before its begin record;
    // recLSN is set to what was read. That must be in the table which the checkpoint copies.
    fixture.create(1, 10);
    pool.flushAll();
    AtomicReference<List<DirtyPage>> copied = new AtomicReference<>();
    List<Thread> copier = new ArrayList<>();
    log.onEndRead =
        () -> {
          if (copier.isEmpty()) {
            copier.add(Thread.ofPlatform().unstarted(() -> copied.set(pool.dirtyPages())));
            copier.getFirst().start();
            awaitCopied(copier.getFirst());
          }
        };
    try (PageGuard guard = pool.exclusive(1)) {
      long before = log.append();
      guard.prepareChange();
      copier.getFirst().join();
      assertEquals(List.of(new DirtyPage(1, before + 100, 0)), copied.get());
      guard.changed(log.append());
    } finally {
      log.onEndRead = () -> {};
    }
  }

  /** Until the copy is there, or has surely begun to wait for the recLSN. */
  private static void awaitCopied(Thread copier) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long spent = 0;
    while (copier.isAlive() && spent < 20_000_000) {
      Thread.onSpinWait();
      spent = threads.getThreadCpuTime(copier.threadId());
    }
  }
}
