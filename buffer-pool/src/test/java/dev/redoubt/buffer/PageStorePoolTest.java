package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Disk;
import dev.redoubt.io.RealDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pool much smaller than its pages, on a page store of a real disk. */
class PageStorePoolTest {
  private static final int PAGES = 2000;

  @TempDir Path dir;

  private Fixture open(FakeLog log, boolean background) {
    PageStoreKind.Place place =
        new PageStoreKind.Place(
            RealDisk.open(dir), FakeLog.STORE, Fixture.PAGE, true, Disk.Caching.DIRECT);
    return new Fixture(TestPages.KIND.open(place), log, new BufferPoolOptions(64, background));
  }

  @Test
  void pagesGoHomeAndComeBack() {
    FakeLog log = new FakeLog();
    try (Fixture fixture = open(log, false)) {
      for (long id = 1; id <= PAGES; id++) {
        fixture.create(id, id * 3);
      }
      for (long id = 1; id <= PAGES; id += 7) {
        fixture.write(id, id * 5);
      }
      fixture.pool.flushAll();
      assertEquals(0, fixture.pool.stats().dirty());
    }
    try (Fixture fixture = open(log, false)) {
      for (long id = 1; id <= PAGES; id++) {
        assertEquals(id % 7 == 1 ? id * 5 : id * 3, fixture.read(id));
      }
    }
  }

  @Test
  void writersAndReadersShareASmallPool() throws InterruptedException {
    int threads = 4;
    long[] last = new long[PAGES + 1];
    FakeLog log = new FakeLog();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    try (Fixture fixture = open(log, true)) {
      for (long id = 1; id <= PAGES; id++) {
        fixture.create(id, 0);
      }
      List<Thread> all = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int mine = t;
        all.add(
            Thread.ofPlatform()
                .uncaughtExceptionHandler((thread, e) -> failure.compareAndSet(null, e))
                .start(
                    () -> {
                      SplittableRandom random = new SplittableRandom(mine);
                      for (int i = 1; i <= 1500; i++) {
                        // Each thread writes pages of its own and reads everybody's.
                        int id = 1 + random.nextInt(PAGES / threads) * threads + mine;
                        if (id <= PAGES) {
                          fixture.write(id, i);
                          last[id] = i;
                        }
                        fixture.read(1 + random.nextInt(PAGES));
                      }
                    }));
      }
      for (Thread each : all) {
        each.join();
      }
      assertEquals(null, failure.get());
      fixture.pool.flushAll();
      assertTrue(fixture.pool.stats().evictions() > 0);
    }
    try (Fixture fixture = open(log, false)) {
      for (int id = 1; id <= PAGES; id++) {
        assertEquals(last[id], fixture.read(id));
      }
    }
  }
}
