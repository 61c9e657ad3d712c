package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.BufferPoolOptions.Replacement;
import dev.redoubt.io.StorageIoException;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoolConcurrencyTest {
  private static final int PAGES = 300;

  @ParameterizedTest
  @CsvSource({"CAFFEINE,true", "CAFFEINE,false", "CLOCK,true", "CLOCK,false"})
  void evictionUnderLoadNeverLosesAChange(Replacement replacement, boolean background) {
    long seed = 20261122;
    AtomicLongArray expected = new AtomicLongArray(PAGES + 1);
    MemoryDisk disk = new MemoryDisk();
    FakeLog log = new FakeLog();
    try (Fixture fixture =
        new Fixture(disk, log, new BufferPoolOptions(32, background, replacement))) {
      fixture.pool.setRedoTarget(20_000);
      for (long id = 1; id <= PAGES; id++) {
        fixture.create(id, 0);
      }
      Threads threads = new Threads();
      for (int t = 0; t < 6; t++) {
        SplittableRandom random = new SplittableRandom(seed + t);
        threads.start(
            () -> {
              for (int i = 0; i < 4_000; i++) {
                step(fixture, random, expected);
              }
            });
      }
      threads.join();
      for (int id = 1; id <= PAGES; id++) {
        assertEquals(expected.get(id), fixture.read(id), "page " + id + ", seed " + seed);
      }
      fixture.pool.flushAll();
      assertTrue(fixture.pool.stats().evictions() > 1_000);
    }
    try (Fixture after = new Fixture(disk.afterPowerCut(), log, new BufferPoolOptions(16, false))) {
      for (int id = 1; id <= PAGES; id++) {
        assertEquals(expected.get(id), after.read(id), "page " + id + ", seed " + seed);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"CAFFEINE,true", "CAFFEINE,false", "CLOCK,true", "CLOCK,false"})
  void aBurstOfFaultsWithEveryFrameDirtyWaitsForTheCleaner(
      Replacement replacement, boolean background) {
    int frames = 64;
    int crowd = 300;
    MemoryDisk disk = new MemoryDisk();
    try (Fixture fixture =
        new Fixture(disk, new FakeLog(), new BufferPoolOptions(frames, background, replacement))) {
      for (long id = 1; id <= frames + crowd; id++) {
        fixture.create(id, 0);
      }
      fixture.pool.flushAll();
      fixture.pool.pauseCleaning(true); // pages are written by those who need a frame, or by nobody
      for (long id = 1; id <= frames; id++) {
        fixture.write(id, 1);
      }
      for (long id = 1; id <= frames; id++) {
        fixture.write(id, 1); // once more: some have been written to make room
      }
      assertEquals(frames, fixture.pool.stats().dirty());
      long written = fixture.pool.stats().pagesWritten();
      disk.listener =
          (kind, name) -> {
            if (kind.equals("force")) {
              LockSupport.parkNanos(1_000_000); // a disk, not a memory
            }
          };
      CountDownLatch together = new CountDownLatch(1);
      Threads threads = new Threads();
      for (int t = 0; t < crowd; t++) {
        int mine = frames + 1 + t;
        threads.startVirtual(
            () -> {
              awaitZero(together);
              for (int i = 1; i <= 3; i++) {
                fixture.write(mine, i);
              }
            });
      }
      together.countDown();
      threads.join();
      assertTrue(fixture.pool.stats().pagesWritten() >= written + crowd);
      for (int id = 1; id <= frames + crowd; id++) {
        assertEquals(id <= frames ? 1 : 3, fixture.read(id));
      }
    }
  }

  private static void awaitZero(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aDiskThatStallsIsNotTakenForCallersThatHoldEveryFrame() {
    int frames = 16;
    MemoryDisk disk = new MemoryDisk();
    FakeLog log = new FakeLog();
    try (Fixture fixture = new Fixture(disk, log, new BufferPoolOptions(64, false))) {
      for (long id = 1; id <= 2L * frames; id++) {
        fixture.create(id, id);
      }
      fixture.pool.flushAll();
    }
    try (Fixture fixture = new Fixture(disk, log, new BufferPoolOptions(frames, false))) {
      long until = System.nanoTime() + 1_000_000_000L;
      disk.listener =
          (kind, name) -> {
            while (kind.equals("read") && System.nanoTime() - until < 0) {
              LockSupport.parkNanos(10_000_000);
            }
          };
      Threads threads = new Threads();
      for (int t = 1; t <= 2 * frames; t++) {
        int id = t;
        threads.start(() -> assertEquals(id, fixture.read(id)));
      }
      threads.join();
    }
  }

  /** Increments one page, or two latched in order; reads some without a latch. */
  private static void step(Fixture fixture, SplittableRandom random, AtomicLongArray expected) {
    int id = 1 + random.nextInt(PAGES);
    switch (random.nextInt(4)) {
      case 0 -> fixture.read(id);
      case 1 -> readOptimistically(fixture.pool, id);
      case 2 -> {
        try (PageGuard guard = fixture.pool.exclusive(id)) {
          fixture.write(guard, Fixture.get(guard.page()) + 1);
          expected.incrementAndGet(id);
        }
      }
      default -> {
        int second = id + 1 + random.nextInt(PAGES);
        if (second <= PAGES) {
          try (PageGuard first = fixture.pool.shared(id);
              PageGuard guard = fixture.pool.exclusive(second)) {
            Fixture.get(first.page());
            fixture.write(guard, Fixture.get(guard.page()) + 1);
            expected.incrementAndGet(second);
          }
        }
      }
    }
  }

  private static long readOptimistically(BufferPool pool, long id) {
    OptimisticPage page = pool.optimistic(id);
    for (; ; ) {
      long value = page.page().get(PageLayout.LONG, Fixture.VALUE);
      long inverse = page.page().get(PageLayout.LONG, Fixture.VALUE + 8);
      long carried = PageLayout.pageId(page.page());
      if (page.validate()) {
        assertEquals(~value, inverse);
        assertEquals(id, carried);
        return value;
      }
      pool.optimistic(id, page);
    }
  }

  @Test
  void optimisticReadersNeverSeeHalfAWriteOrAnotherPage() {
    try (Fixture fixture = Fixture.of(16, false, Replacement.CAFFEINE)) {
      for (long id = 1; id <= 40; id++) {
        fixture.create(id, 0);
      }
      AtomicBoolean done = new AtomicBoolean();
      Threads threads = new Threads();
      threads.start(
          () -> {
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < 30_000; i++) {
              fixture.write(1 + random.nextInt(40), i);
            }
            done.set(true);
          });
      for (int t = 0; t < 3; t++) {
        SplittableRandom random = new SplittableRandom(2 + t);
        threads.start(
            () -> {
              while (!done.get() && !threads.failed()) {
                readOptimistically(fixture.pool, 1 + random.nextInt(40));
              }
            });
      }
      threads.join();
    }
  }

  @Test
  void aFailedLoadIsEverybodysErrorAndLeavesTheFrameFree() {
    MemoryDisk disk = new MemoryDisk();
    try (Fixture fixture = new Fixture(disk, new FakeLog(), new BufferPoolOptions(16, false))) {
      for (long id = 1; id <= 40; id++) {
        fixture.create(id, id);
      }
      fixture.pool.flushAll();
      assertNull(fixture.pool.frames().table.get(1));
      disk.listener =
          (kind, name) -> {
            if (kind.equals("read")) {
              throw new StorageIoException("bad sector");
            }
          };
      AtomicInteger errors = new AtomicInteger();
      Threads threads = new Threads();
      for (int t = 0; t < 8; t++) {
        threads.start(
            () -> {
              for (int i = 0; i < 200; i++) {
                assertThrows(StorageIoException.class, () -> fixture.pool.shared(1));
                errors.incrementAndGet();
              }
            });
      }
      threads.join();
      assertEquals(1_600, errors.get());
      disk.listener = (kind, name) -> {};
      assertEquals(1, fixture.read(1));
      for (long id = 1; id <= 40; id++) {
        assertEquals(id, fixture.read(id));
      }
    }
  }

  @Test
  void whoWaitsForAPageDoesNotWaitForAnotherThatTookItsFrame() {
    // All frames but two are held; threads chase pages through the rest in opposite directions,
    // each holding one page. Sleeping on a frame instead of on a page would be a deadlock.
    try (Fixture fixture = Fixture.of(16)) {
      for (long id = 1; id <= 60; id++) {
        fixture.create(id, id);
      }
      Threads threads = new Threads();
      for (int t = 0; t < 5; t++) {
        SplittableRandom random = new SplittableRandom(77 + t);
        threads.start(
            () -> {
              for (int i = 0; i < 3_000; i++) {
                int first = 1 + random.nextInt(59);
                int second = first + 1 + random.nextInt(60 - first);
                try (PageGuard a = fixture.pool.exclusive(first);
                    PageGuard b = fixture.pool.exclusive(second)) {
                  assertEquals(first, a.pageId());
                  assertEquals(second, PageLayout.pageId(b.page()));
                }
              }
            });
      }
      threads.join();
    }
  }

  @ParameterizedTest
  @CsvSource({"true,false", "false,false", "true,true", "false,true"})
  void aBurstOfFaultsWithEveryFrameDirtyIsServed(boolean background, boolean virtual) {
    try (Fixture fixture = Fixture.of(16, background, Replacement.CAFFEINE)) {
      fixture.store.ensureCapacity(2_000);
      for (long id = 1; id <= 16; id++) {
        fixture.create(id, id);
      }
      int workers = virtual ? 200 : 8;
      int pagesEach = 1_600 / workers;
      Threads threads = new Threads();
      for (int t = 0; t < workers; t++) {
        int from = 1 + t * pagesEach;
        Runnable burst =
            () -> {
              for (int id = from; id < from + pagesEach; id++) {
                fixture.create(id, id);
              }
            };
        if (virtual) {
          threads.startVirtual(burst);
        } else {
          threads.start(burst);
        }
      }
      threads.join();
      for (int id = 1; id <= 1_600; id++) {
        assertEquals(id, fixture.read(id));
      }
    }
  }

  @Test
  void theCleanerThreadKeepsTheRedoDistance() {
    try (Fixture fixture = Fixture.of(64, true, Replacement.CAFFEINE)) {
      fixture.pool.setRedoTarget(1_000);
      for (long id = 1; id <= 30; id++) {
        fixture.create(id, id);
      }
      while (fixture.log.endLsn() - Math.min(fixture.pool.oldestRecLsn(), fixture.log.endLsn())
          > 1_000) {
        fixture.log.gate().check();
        Thread.onSpinWait();
      }
      assertTrue(fixture.pool.stats().pagesWritten() > 0);
    }
  }

  @Test
  void aRepeatedSingleThreadedRunDoesTheSameIo() {
    assertEquals(ioTrace(), ioTrace());
  }

  private static String ioTrace() {
    StringBuilder trace = new StringBuilder();
    MemoryDisk disk = new MemoryDisk();
    disk.listener = (kind, name) -> trace.append(kind).append(' ').append(name).append('\n');
    try (Fixture fixture = new Fixture(disk, new FakeLog(), new BufferPoolOptions(16, false))) {
      SplittableRandom random = new SplittableRandom(5);
      for (long id = 1; id <= 100; id++) {
        fixture.create(id, id);
      }
      for (int i = 0; i < 2_000; i++) {
        fixture.write(1 + random.nextInt(100), i);
        trace.append(fixture.pool.stats().evictions()).append('\n');
      }
    }
    return trace.toString();
  }
}
