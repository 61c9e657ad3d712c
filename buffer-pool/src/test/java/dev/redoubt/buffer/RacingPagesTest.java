package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.BufferPoolOptions.Replacement;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.zip.CRC32C;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every operation on pages at once, by real threads, with far fewer frames than pages and the
 * cleaner at work: whole pages are written and checksummed, and no reader may see two halves.
 */
class RacingPagesTest {
  private static final int FRAMES = 24;
  private static final int PAGES = 90;
  private static final int COUNT = PageLayout.HEADER_BYTES;
  private static final int SUM = COUNT + 8;
  private static final int BODY = SUM + 8;

  private final AtomicLongArray expected = new AtomicLongArray(PAGES + 1);
  private final AtomicLongArray validated = new AtomicLongArray(1);

  @ParameterizedTest
  @CsvSource({
    "CAFFEINE,true,false",
    "CAFFEINE,false,false",
    "CLOCK,true,false",
    "CAFFEINE,true,true"
  })
  void noReaderSeesTwoHalvesAndNoChangeIsLost(
      Replacement replacement, boolean background, boolean virtual) {
    MemoryDisk disk = new MemoryDisk();
    FakeLog log = new FakeLog();
    BufferPoolOptions options = new BufferPoolOptions(FRAMES, background, replacement);
    try (Fixture fixture = new Fixture(disk, log, options)) {
      fixture.pool.setRedoTarget(10_000);
      fixture.store.ensureCapacity(PAGES);
      for (int id = 1; id <= PAGES; id++) {
        format(fixture, id);
      }
      Threads threads = new Threads();
      int workers = virtual ? 40 : 6;
      int steps = virtual ? 400 : 2_500;
      for (int t = 0; t < workers; t++) {
        SplittableRandom random = new SplittableRandom(4711 + t);
        Runnable work =
            () -> {
              for (int i = 0; i < steps && !threads.failed(); i++) {
                step(fixture, random);
              }
            };
        if (virtual) {
          threads.startVirtual(work);
        } else {
          threads.start(work);
        }
      }
      threads.join();
      assertTrue(validated.get(0) > 100);
      fixture.pool.flushAll();
    }
    try (Fixture after = new Fixture(disk.afterPowerCut(), log, new BufferPoolOptions(16, false))) {
      for (int id = 1; id <= PAGES; id++) {
        try (PageGuard guard = after.pool.shared(id)) {
          assertEquals(expected.get(id), check(guard.page(), id));
        }
      }
    }
  }

  private void step(Fixture fixture, SplittableRandom random) {
    BufferPool pool = fixture.pool;
    int id = 1 + random.nextInt(PAGES);
    switch (random.nextInt(10)) {
      case 0, 1 -> {
        try (PageGuard guard = pool.shared(id)) {
          assertEquals(expected.get(id), check(guard.page(), id));
        }
      }
      case 2, 3 -> readOptimistically(pool, id);
      case 4 -> {
        try (PageGuard guard = pool.exclusive(id)) {
          change(fixture, guard, id);
        }
      }
      case 5 -> {
        int next = id % PAGES + 1;
        try (PageGuard low = pool.shared(Math.min(id, next));
            PageGuard high = pool.exclusive(Math.max(id, next))) {
          check(low.page(), Math.min(id, next));
          change(fixture, high, Math.max(id, next));
        }
      }
      case 6 -> format(fixture, id);
      case 7 -> {
        try (PageGuard guard = pool.forRedo(id)) {
          guard.prepareRedo(fixture.log.endLsn());
          change(fixture, guard, id);
        }
      }
      case 8 -> {
        try (PageGuard guard = pool.fresh(id)) {
          guard.prepareChange(); // and given up
        }
        pool.prefetch(id + 1, id + 2, id + 3, id + 7);
      }
      default -> {
        pool.cleanSome(2);
        assertTrue(pool.dirtyPages().stream().allMatch(p -> p.recLsn() <= fixture.log.endLsn()));
      }
    }
  }

  private void change(Fixture fixture, PageGuard guard, int id) {
    check(guard.page(), id);
    guard.prepareChange();
    long lsn = fixture.log.append();
    fill(guard.page(), id, expected.incrementAndGet(id));
    guard.changed(lsn);
  }

  private void format(Fixture fixture, int id) {
    try (PageGuard guard = fixture.pool.fresh(id)) {
      guard.prepareChange();
      long lsn = fixture.log.append();
      PageLayout.format(guard.page(), id, 1, 7);
      fill(guard.page(), id, expected.incrementAndGet(id));
      guard.changed(lsn);
    }
  }

  private static void fill(MemorySegment page, int id, long count) {
    page.set(PageLayout.LONG, COUNT, count);
    for (long at = BODY; at + 8 <= page.byteSize(); at += 8) {
      page.set(PageLayout.LONG, at, count * 31 + id + at);
    }
    page.set(PageLayout.LONG, SUM, sum(page));
  }

  private static long sum(MemorySegment page) {
    CRC32C crc = new CRC32C();
    crc.update(page.asSlice(BODY).asByteBuffer());
    return crc.getValue() + page.get(PageLayout.LONG, COUNT);
  }

  private static long check(MemorySegment page, int id) {
    assertEquals(id, PageLayout.pageId(page));
    assertEquals(page.get(PageLayout.LONG, SUM), sum(page), "two halves");
    long count = page.get(PageLayout.LONG, COUNT);
    assertEquals(count * 31 + id + BODY, page.get(PageLayout.LONG, BODY));
    return count;
  }

  private void readOptimistically(BufferPool pool, int id) {
    long before = expected.get(id);
    OptimisticPage page = pool.optimistic(id);
    for (; ; ) {
      long carried = PageLayout.pageId(page.page());
      long stored = page.page().get(PageLayout.LONG, SUM);
      long found = sum(page.page());
      long count = page.page().get(PageLayout.LONG, COUNT);
      if (page.validate()) {
        assertEquals(id, carried);
        assertEquals(stored, found, "two halves");
        assertTrue(count >= before - 1, "older than what was written before");
        validated.incrementAndGet(0);
        return;
      }
      pool.optimistic(id, page);
    }
  }
}
