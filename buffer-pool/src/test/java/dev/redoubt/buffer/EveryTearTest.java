package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.redoubt.buffer.PageStore.PageImage;
import dev.redoubt.io.StorageException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every tear of a page at every sector: a prefix, a suffix, all but one sector, one sector alone,
 * one of garbage, and seeded subsets, of homes and of copies, for every page size.
 */
class EveryTearTest {
  private static final int TORN = 2;
  private static final int RANDOM_SUBSETS = 20;

  /** Which sectors of the new version have reached the disk; garbage in one of them or in none. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Tear(boolean[] reached, int garbage) {
    byte[] of(byte[] old, byte[] now, int sector) {
      byte[] torn = old.clone();
      for (int i = 0; i < reached.length; i++) {
        if (reached[i]) {
          System.arraycopy(now, i * sector, torn, i * sector, sector);
        }
      }
      if (garbage >= 0) {
        Arrays.fill(torn, garbage * sector, (garbage + 1) * sector, (byte) 0xa5);
      }
      return torn;
    }
  }

  private static List<Tear> tears(int sectors) {
    List<Tear> tears = new ArrayList<>();
    for (int at = 0; at < sectors; at++) {
      boolean[] prefix = new boolean[sectors];
      Arrays.fill(prefix, 0, at, true);
      boolean[] suffix = new boolean[sectors];
      Arrays.fill(suffix, at, sectors, true);
      boolean[] alone = new boolean[sectors];
      alone[at] = true;
      boolean[] without = new boolean[sectors];
      Arrays.fill(without, true);
      without[at] = false;
      for (boolean[] reached : List.of(prefix, suffix, alone, without)) {
        tears.add(new Tear(reached, -1));
      }
      tears.add(new Tear(prefix, at));
    }
    SplittableRandom random = new SplittableRandom(sectors);
    for (int i = 0; i < RANDOM_SUBSETS; i++) {
      boolean[] some = new boolean[sectors];
      for (int at = 0; at < sectors; at++) {
        some[at] = random.nextBoolean();
      }
      tears.add(new Tear(some, -1));
    }
    return tears;
  }

  /** A sealed page, every sector of which says which version it is. */
  private static byte[] version(int pageSize, long pageId, long lsn) {
    MemorySegment page = MemorySegment.ofArray(new byte[pageSize]);
    PageLayout.format(page, pageId, 1, 7);
    PageLayout.setPageLsn(page, lsn);
    for (int at = 504; at < pageSize; at += 512) {
      page.set(PageLayout.LONG, at, lsn);
    }
    new PageVerifier(FakeLog.STORE, pageSize).seal(page, pageId);
    return page.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
  }

  private static List<PageImage> batch(int pageSize, long lsn) {
    List<PageImage> images = new ArrayList<>();
    for (long id = 1; id <= 3; id++) {
      images.add(new PageImage(id, ByteBuffer.wrap(version(pageSize, id, lsn))));
    }
    return images;
  }

  private static byte[] read(PageStore store, long pageId) {
    byte[] page = new byte[store.pageSize()];
    store.read(pageId, ByteBuffer.wrap(page));
    return page;
  }

  /** A disk with version 5000 of three pages home, and the copies of version 6000. */
  private static MemoryDisk written(int pageSize, boolean doubleWrite) {
    MemoryDisk disk = new MemoryDisk();
    try (PageStore store = FilePageStore.open(disk, FakeLog.STORE, pageSize, doubleWrite)) {
      store.ensureCapacity(4);
      store.restoreTorn(id -> true);
      store.writeDurably(batch(pageSize, 5_000));
      store.writeDurably(batch(pageSize, 6_000));
    }
    return disk;
  }

  @ParameterizedTest
  @CsvSource({
    "4096,512", "8192,512", "16384,512", "32768,512", "65536,512",
    "4096,4096", "8192,4096", "16384,4096", "32768,4096", "65536,4096"
  })
  void aHomeTornAnyhowIsRestoredFromItsCopy(int pageSize, int sector) {
    MemoryDisk disk = written(pageSize, true);
    byte[] old = version(pageSize, TORN, 5_000);
    byte[] now = version(pageSize, TORN, 6_000);
    for (Tear tear : tears(pageSize / sector)) {
      disk.damage(FilePageStore.PAGES_FILE, (long) TORN * pageSize, tear.of(old, now, sector));
      try (PageStore store = FilePageStore.open(disk, FakeLog.STORE, pageSize, true)) {
        store.restoreTorn(id -> true);
        assertArrayEquals(now, read(store, TORN), tear::toString);
        assertArrayEquals(version(pageSize, 3, 6_000), read(store, 3));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "4096,512", "8192,512", "16384,512", "32768,512", "65536,512",
    "4096,4096", "8192,4096", "16384,4096", "32768,4096", "65536,4096"
  })
  void aCopyTornAnyhowNeverReplacesItsWholeHome(int pageSize, int sector) {
    MemoryDisk disk = written(pageSize, true);
    byte[] old = version(pageSize, TORN, 5_000);
    byte[] now = version(pageSize, TORN, 6_000);
    disk.damage(FilePageStore.PAGES_FILE, (long) TORN * pageSize, old);
    long copy = DoubleWriteLayout.imageOffset(TORN - 1, pageSize);
    for (Tear tear : tears(pageSize / sector)) {
      byte[] torn = tear.of(old, now, sector);
      disk.damage(FilePageStore.PAGES_FILE, (long) TORN * pageSize, old);
      disk.damage(DoubleWriteFile.NAME, copy, torn);
      try (PageStore store = FilePageStore.open(disk, FakeLog.STORE, pageSize, true)) {
        store.restoreTorn(id -> true);
        assertArrayEquals(Arrays.equals(torn, now) ? now : old, read(store, TORN));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"4096,512", "16384,512", "65536,4096"})
  void withoutDoubleWriteEveryTearIsNoticed(int pageSize, int sector) {
    PageVerifier verifier = new PageVerifier(FakeLog.STORE, pageSize);
    MemoryDisk disk = written(pageSize, false);
    byte[] old = version(pageSize, TORN, 5_000);
    byte[] now = version(pageSize, TORN, 6_000);
    for (Tear tear : tears(pageSize / sector)) {
      byte[] torn = tear.of(old, now, sector);
      disk.damage(FilePageStore.PAGES_FILE, (long) TORN * pageSize, torn);
      try (PageStore store = FilePageStore.open(disk, FakeLog.STORE, pageSize, false)) {
        assertEquals(List.of(), store.restoreTorn(id -> true));
        MemorySegment page = MemorySegment.ofArray(read(store, TORN));
        StorageException problem = verifier.problem(page, TORN, 7_000, "here");
        if (Arrays.equals(torn, old) || Arrays.equals(torn, now)) {
          assertNull(problem);
        } else {
          assertNotNull(problem, tear::toString);
        }
      }
    }
  }
}
