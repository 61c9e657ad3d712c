package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageStore.PageImage;
import dev.redoubt.io.StorageException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The double-write file against every tear (rule 8). */
class TornPagesTest {
  private static final int PAGE = 4096;
  private static final int PAGES = 5;
  private static final long RUN_FROM = 8;
  private static final long RUN_TO = 17;
  private static final PageVerifier VERIFIER = new PageVerifier(FakeLog.STORE, PAGE);

  private static FilePageStore open(MemoryDisk disk, boolean doubleWrite) {
    return FilePageStore.open(disk, FakeLog.STORE, PAGE, doubleWrite);
  }

  /** A sealed page, every sector of which says which version it is. */
  private static PageImage image(long pageId, long lsn) {
    MemorySegment page = MemorySegment.ofArray(new byte[PAGE]);
    PageLayout.format(page, pageId, 1, 7);
    PageLayout.setPageLsn(page, lsn);
    for (int at = 504; at < PAGE; at += 512) {
      page.set(PageLayout.LONG, at, lsn);
    }
    VERIFIER.seal(page, pageId);
    return new PageImage(pageId, page.asByteBuffer());
  }

  /** Pages 1, 2, 3 and 5, 6: two runs. */
  private static List<PageImage> batch(long lsn) {
    List<PageImage> images = new ArrayList<>();
    for (long id = 1; id <= PAGES + 1; id++) {
      if (id != 4) {
        images.add(image(id, lsn));
      }
    }
    return images;
  }

  /** A run that is longer than what goes home gently at a time. */
  private static List<PageImage> run(long lsn) {
    List<PageImage> images = new ArrayList<>();
    for (long id = RUN_FROM; id <= RUN_TO; id++) {
      images.add(image(id, lsn));
    }
    return images;
  }

  private static MemoryDisk diskWithVersion(long lsn) {
    MemoryDisk disk = new MemoryDisk();
    try (FilePageStore store = open(disk, true)) {
      store.ensureCapacity(10);
      assertEquals(List.of(), store.restoreTorn(id -> true));
      store.writeDurably(batch(lsn));
    }
    return disk;
  }

  /** pageLSN of the stored page; -1 if it is damaged. */
  private static long versionOf(FilePageStore store, long pageId) {
    MemorySegment page = MemorySegment.ofArray(new byte[PAGE]);
    store.read(pageId, page.asByteBuffer());
    StorageException problem =
        VERIFIER.problem(page, pageId, PageVerifier.NO_LOG_END, store.location(pageId));
    return problem == null ? PageLayout.pageLsn(page) : -1;
  }

  private static void assertAllWhole(MemoryDisk disk, long older, long newer) {
    try (FilePageStore store = open(disk, true)) {
      store.restoreTorn(id -> true);
      for (long id = 1; id <= PAGES + 1; id++) {
        if (id != 4) {
          long version = versionOf(store, id);
          assertTrue(version == older || version == newer, "page " + id + ": " + version);
        }
      }
    }
  }

  private static void assertWhole(MemoryDisk disk, long from, long to, long older, long newer) {
    try (FilePageStore store = open(disk, true)) {
      store.restoreTorn(id -> true);
      for (long id = from; id <= to; id++) {
        long version = versionOf(store, id);
        assertTrue(version == older || version == newer, "page " + id + ": " + version);
      }
    }
  }

  /** Everything that may be left of the unforced writes; returns how many states there were. */
  private static int forEachTear(MemoryDisk cut, Consumer<MemoryDisk> check) {
    int states = 0;
    for (int whole = 0; whole <= cut.unforcedWrites(); whole++) {
      int sectors = whole == cut.unforcedWrites() ? 0 : cut.sectorsOfUnforced(whole);
      for (int torn = 0; torn <= sectors; torn++) {
        check.accept(cut.afterPowerCut(whole, torn));
        check.accept(cut.afterPowerCut(whole, whole, torn));
        states += 2;
      }
    }
    return states;
  }

  @Test
  void aPageTornAtAnySectorOfAnyWriteIsRestored() {
    int states = 0;
    for (int cutAt = 0; ; cutAt++) {
      MemoryDisk disk = diskWithVersion(5_000);
      if (!cutDuringWrite(disk, cutAt)) {
        break;
      }
      states += forEachTear(disk, after -> assertAllWhole(after, 5_000, 6_000));
    }
    assertTrue(states > 100, "states tried: " + states);
  }

  /** Whether power was cut before the batch was home. */
  private static boolean cutDuringWrite(MemoryDisk disk, int cutAt) {
    try (FilePageStore store = open(disk, true)) {
      store.restoreTorn(id -> true);
      disk.cutAfter(cutAt);
      store.writeDurably(batch(6_000));
      return false;
    } catch (StorageException e) {
      assertTrue(e.getCause() instanceof MemoryDisk.PowerCut, e.toString());
      return true;
    } finally {
      disk.cutAfter(Integer.MAX_VALUE);
    }
  }

  @Test
  void aGentleBatchGoesInPiecesAndIsRestoredWhole() {
    int states = 0;
    int cutAt = 0;
    List<String> calls = new ArrayList<>();
    for (boolean cut = true; cut; cutAt++) {
      MemoryDisk disk = diskWithVersion(5_000);
      try (FilePageStore store = open(disk, true)) {
        store.restoreTorn(id -> true);
        store.writeDurably(run(5_000));
        calls.clear();
        disk.listener = (kind, name) -> calls.add(kind + " " + name);
        disk.cutAfter(cutAt);
        List<PageImage> images = new ArrayList<>(batch(6_000));
        images.addAll(run(6_000));
        store.writeGently(images);
        cut = false;
      } catch (StorageException e) {
        assertTrue(e.getCause() instanceof MemoryDisk.PowerCut, e.toString());
      } finally {
        disk.cutAfter(Integer.MAX_VALUE);
      }
      if (cut) {
        states +=
            forEachTear(
                disk,
                after -> {
                  assertAllWhole(after, 5_000, 6_000);
                  assertWhole(after, RUN_FROM, RUN_TO, 5_000, 6_000);
                });
      } else {
        assertWhole(disk.afterPowerCut(), RUN_FROM, RUN_TO, 6_000, 6_000);
      }
    }
    assertTrue(states > 100, "states tried: " + states);
    assertEquals(
        List.of(
            "write doublewrite", // the header and seven pages
            "write doublewrite",
            "force doublewrite",
            "write pages", // 1, 2, 3
            "write pages", // 5, 6
            "write pages", // 8 to 15
            "write pages", // 16, 17
            "force pages"),
        calls);
  }

  @Test
  void restoringMayBeTornItself() {
    int states = 0;
    for (int cutAt = 0; ; cutAt++) {
      // Two homes of the new batch torn in the middle, the copies forced.
      MemoryDisk disk = diskWithVersion(5_000);
      assertTrue(cutDuringWrite(disk, 3));
      MemoryDisk torn = disk.afterPowerCut(0, 4);
      torn.damage(FilePageStore.PAGES_FILE, 6 * PAGE + 1024, new byte[512]);
      try (FilePageStore store = open(torn, true)) {
        assertEquals(-1, versionOf(store, 1));
        torn.cutAfter(cutAt);
        store.restoreTorn(id -> true);
        break;
      } catch (MemoryDisk.PowerCut e) {
        states += forEachTear(torn, after -> assertAllWhole(after, 5_000, 6_000));
      }
    }
    assertTrue(states > 20, "states tried: " + states);
  }

  @Test
  void copiesThatWereNeverForcedAreForcedBeforeAHomeDependsOnThem() {
    // The batch before was another page's, so nothing else holds a copy of these.
    MemoryDisk disk = diskWithVersion(5_000);
    try (FilePageStore store = open(disk, true)) {
      store.writeDurably(List.of(image(4, 5_500)));
    }
    // The process dies after writing the copies: they can be read, and the power may still go.
    assertTrue(cutDuringWrite(disk, 1));
    int states = 0;
    for (int cutAt = 0; ; cutAt++) {
      MemoryDisk dead = disk.afterProcessDeath();
      try (FilePageStore store = open(dead, true)) {
        dead.cutAfter(cutAt);
        store.restoreTorn(id -> true);
        assertEquals(6_000, versionOf(store, 1));
        break;
      } catch (MemoryDisk.PowerCut e) {
        states += forEachTear(dead, after -> assertAllWhole(after, 5_000, 6_000));
      }
    }
    assertTrue(states > 20, "states tried: " + states);
  }

  @Test
  void aStaleLeftoverDoesNotWinAgainstANewerHome() {
    MemoryDisk disk = diskWithVersion(5_000);
    MemoryDisk before = disk.afterPowerCut();
    try (FilePageStore store = open(disk, true)) {
      store.writeDurably(List.of(image(1, 6_000)));
    }
    // The double-write file of the batch before, beside the homes of the batch after.
    disk.damage(DoubleWriteFile.NAME, 0, before.bytes(DoubleWriteFile.NAME));
    try (FilePageStore store = open(disk, true)) {
      assertEquals(List.of(), store.restoreTorn(id -> true));
      assertEquals(6_000, versionOf(store, 1));
    }
  }

  @Test
  void anOlderIntactHomeIsReplacedByItsCopy() {
    MemoryDisk disk = diskWithVersion(5_000);
    assertTrue(cutDuringWrite(disk, 2));
    MemoryDisk after = disk.afterPowerCut();
    try (FilePageStore store = open(after, true)) {
      assertEquals(5_000, versionOf(store, 1));
      assertEquals(List.of(1L, 2L, 3L, 5L, 6L), store.restoreTorn(id -> true));
      assertEquals(6_000, versionOf(store, 6));
      assertEquals(0, after.unforcedWrites());
    }
  }

  @Test
  void aPageThatIsNotInTheAnalysisTableIsLeft() {
    MemoryDisk disk = diskWithVersion(5_000);
    disk.damage(FilePageStore.PAGES_FILE, 2 * PAGE + 600, new byte[] {1, 2, 3});
    disk.damage(FilePageStore.PAGES_FILE, 3 * PAGE + 600, new byte[] {1, 2, 3});
    try (FilePageStore store = open(disk, true)) {
      assertEquals(List.of(3L), store.restoreTorn(id -> id == 3));
      assertEquals(-1, versionOf(store, 2));
      assertEquals(5_000, versionOf(store, 3));
    }
  }

  @Test
  void aDamagedDoubleWriteFileIsNeverBelieved() {
    MemoryDisk disk = diskWithVersion(5_000);
    assertTrue(cutDuringWrite(disk, 2));
    for (int at = 0; at < 4096 + 5 * PAGE; at += 13) {
      MemoryDisk after = disk.afterPowerCut();
      byte old = after.bytes(DoubleWriteFile.NAME, at, 1)[0];
      after.damage(DoubleWriteFile.NAME, at, new byte[] {(byte) (old ^ 0x10)});
      assertAllWhole(after, 5_000, 6_000);
    }
  }

  @Test
  void copiesOfAnotherStoreAreLeft() {
    MemoryDisk disk = diskWithVersion(5_000);
    UUID other = new UUID(1, 2);
    try (FilePageStore store = FilePageStore.open(disk, other, PAGE, true)) {
      assertEquals(List.of(), store.restoreTorn(id -> true));
    }
  }

  @Test
  void withoutDoubleWritesATornPageStaysTornAndIsNoticed() {
    MemoryDisk disk = diskWithVersion(5_000);
    try (FilePageStore store = open(disk, false)) {
      store.restoreTorn(id -> true);
      // An old copy must not be found by a later opening with the other policy.
      assertFalse(disk.exists(DoubleWriteFile.NAME));
      disk.cutAfter(1);
      assertThrows(StorageException.class, () -> store.writeDurably(batch(6_000)));
      disk.cutAfter(Integer.MAX_VALUE);
    }
    MemoryDisk after = disk.afterPowerCut(0, 4);
    try (FilePageStore store = open(after, true)) {
      store.restoreTorn(id -> true);
      assertEquals(-1, versionOf(store, 1));
      assertEquals(5_000, versionOf(store, 2));
    }
  }

  @Test
  void aTornPageIsReportedByChecksum() {
    ByteBuffer bytes = image(1, 5_000).bytes();
    MemorySegment page = MemorySegment.ofBuffer(bytes);
    assertNull(VERIFIER.problem(page, 1, 5_001, "here"));
    page.asSlice(2048).copyFrom(MemorySegment.ofBuffer(image(1, 6_000).bytes()).asSlice(2048));
    StorageException problem = VERIFIER.problem(page, 1, 5_001, "here");
    assertNotNull(problem);
    assertTrue(problem.toString().contains("checksum"), problem.toString());
  }
}
