package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageStore.PageImage;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogOptions;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The pool on a real log and real files. */
class RealDiskTest {
  private static final int PAGES = 2_000;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Disk.Caching.class)
  void pagesOutliveTheirPool(Disk.Caching caching) {
    LogOptions options = LogOptions.defaults().withSegmentBytes(4 << 20).withBuffers(4, 64 << 10);
    Environment environment = Environment.system();
    UUID storeId;
    try (Disk disk = RealDisk.open(folder);
        Log log = Log.create(disk, environment, options, new byte[0])) {
      log.startAppending();
      storeId = log.storeId();
      write(log, caching, environment);
      log.forceAll();
    }
    try (Disk disk = RealDisk.open(folder);
        Log log = Log.openReadOnly(disk, environment, options);
        FilePageStore store = FilePageStore.openReadOnly(disk, storeId, 8192);
        BufferPool pool =
            new BufferPool(store, log, environment, new BufferPoolOptions(16, false))) {
      for (long id = 1; id <= PAGES; id++) {
        try (PageGuard guard = pool.shared(id)) {
          assertEquals(id * 7, guard.page().get(PageLayout.LONG, 64));
        }
      }
      assertTrue(pool.stats().evictions() > 0);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 8192, 65536})
  void whatIsWrittenPastTheCacheIsReadThroughIt(int pageSize) {
    UUID storeId = new UUID(1, 2);
    PageVerifier verifier = new PageVerifier(storeId, pageSize);
    int pages = 200;
    try (Disk disk = RealDisk.open(folder);
        FilePageStore store = FilePageStore.open(disk, storeId, pageSize, true)) {
      store.restoreTorn(id -> true);
      store.ensureCapacity(pages);
      SplittableRandom random = new SplittableRandom(pageSize);
      long[] versions = new long[pages + 1];
      MemorySegment page = MemorySegment.ofArray(new byte[pageSize]);
      for (int round = 1; round <= 60; round++) {
        List<PageImage> images = new ArrayList<>();
        long id = 1L + random.nextInt(5);
        while (id <= pages && images.size() < 60) {
          versions[(int) id] = round;
          images.add(image(verifier, pageSize, id, round));
          id += random.nextInt(8) == 0 ? 1L + random.nextInt(9) : 1; // mostly neighbours
        }
        if (random.nextBoolean()) {
          store.writeGently(images);
        } else {
          store.writeDurably(images);
        }
        for (int read = 0; read < 50; read++) {
          long which = 1L + random.nextInt(pages);
          store.read(which, page.asByteBuffer());
          if (versions[(int) which] == 0) {
            assertTrue(PageVerifier.isBlank(page), "page " + which);
          } else {
            assertNull(verifier.problem(page, which, PageVerifier.NO_LOG_END, "test"));
            assertEquals(versions[(int) which], PageLayout.pageLsn(page), "page " + which);
          }
        }
      }
    }
  }

  private static PageImage image(PageVerifier verifier, int pageSize, long id, long lsn) {
    MemorySegment page = MemorySegment.ofArray(new byte[pageSize]);
    PageLayout.format(page, id, 1, 7);
    verifier.seal(page, id, lsn);
    return new PageImage(id, page.asByteBuffer());
  }

  private static void write(Log log, Disk.Caching caching, Environment environment) {
    MemorySegment record = MemorySegment.ofArray(new byte[100]);
    try (FilePageStore store = FilePageStore.open(log.disk(), log.storeId(), 8192, true, caching);
        BufferPool pool =
            new BufferPool(store, log, environment, new BufferPoolOptions(64, true))) {
      store.restoreTorn(id -> false);
      store.ensureCapacity(PAGES);
      for (long id = 1; id <= PAGES; id++) {
        try (PageGuard guard = pool.fresh(id)) {
          guard.prepareChange();
          long lsn = log.append(record, 0, 100);
          PageLayout.format(guard.page(), id, 1, 1);
          guard.page().set(PageLayout.LONG, 64, id * 7);
          guard.changed(lsn);
        }
      }
      pool.flushAll();
      assertEquals(0, pool.stats().dirty());
    }
  }
}
