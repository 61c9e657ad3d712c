package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.io.RealDisk;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogOptions;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
