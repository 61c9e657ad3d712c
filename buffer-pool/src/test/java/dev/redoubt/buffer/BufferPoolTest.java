package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.BufferPoolOptions.Replacement;
import dev.redoubt.io.CorruptionException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BufferPoolTest {
  @ParameterizedTest
  @EnumSource(Replacement.class)
  void sixtyFourFramesServeAHundredThousandPages(Replacement replacement) {
    int pages = 100_000;
    try (Fixture fixture = Fixture.of(64, false, replacement)) {
      fixture.store.ensureCapacity(pages);
      for (long id = 1; id <= pages; id++) {
        fixture.create(id, id * 3);
      }
      for (long id = 1; id <= pages; id += 7) {
        fixture.write(id, id * 5);
      }
      for (long id = 1; id <= pages; id++) {
        assertEquals(id % 7 == 1 ? id * 5 : id * 3, fixture.read(id));
      }
      assertTrue(fixture.pool.stats().resident() <= 64);
    }
  }

  @Test
  void everyPageIsHomeAndDurableAfterFlushAll() {
    MemoryDisk disk = new MemoryDisk();
    FakeLog log = new FakeLog();
    try (Fixture fixture = new Fixture(disk, log, new BufferPoolOptions(64, false))) {
      for (long id = 1; id <= 50; id++) {
        fixture.create(id, id);
      }
      assertEquals(50, fixture.pool.stats().dirty());
      fixture.pool.flushAll();
      assertEquals(0, fixture.pool.stats().dirty());
      assertEquals(Long.MAX_VALUE, fixture.pool.oldestRecLsn());
    }
    MemoryDisk after = disk.afterPowerCut();
    try (Fixture fixture = new Fixture(after, log, new BufferPoolOptions(16, false))) {
      for (long id = 1; id <= 50; id++) {
        assertEquals(id, fixture.read(id));
      }
    }
  }

  @Test
  void aPoolWithAllFramesHeldSaysSoAndGoesOnAfterwards() {
    try (Fixture fixture = Fixture.of(16)) {
      List<PageGuard> held = new ArrayList<>();
      for (long id = 1; id <= 17; id++) {
        fixture.create(id, id);
      }
      for (long id = 1; id <= 16; id++) {
        held.add(fixture.pool.shared(id));
      }
      PoolExhaustedException error =
          assertThrows(PoolExhaustedException.class, () -> fixture.pool.shared(17));
      assertEquals("pool-exhausted", error.code());
      assertTrue(error.isRetryable());
      assertTrue(
          error.toString().contains("all 16 frames") && error.toString().contains("(0 excl"),
          error.toString());
      held.getFirst().close();
      assertEquals(17, fixture.read(17));
      held.forEach(PageGuard::close);
    }
  }

  @Test
  void coldPagesMakeRoomWhenEveryVictimIsInUse() {
    try (Fixture fixture = Fixture.of(32, false, Replacement.CAFFEINE)) {
      for (long id = 1; id <= 100; id++) {
        fixture.create(id, id);
      }
      fixture.pool.flushAll();
      for (long id = 61; id <= 100; id++) {
        fixture.read(id); // Caffeine counts nothing before it is half full
      }
      for (int round = 0; round < 50; round++) {
        for (long id = 1; id <= 8; id++) {
          fixture.read(id);
        }
      }
      List<PageGuard> held = new ArrayList<>();
      for (long id = 20; id < 40; id++) {
        held.add(fixture.pool.shared(id)); // more than the stock of victims
      }
      for (long id = 1; id <= 8; id++) {
        assertTrue(fixture.pool.frames().table.get(id) != null, "hot page " + id + " is gone");
      }
      held.forEach(PageGuard::close);
    }
  }

  @Test
  void aPageThatWasNeverFormattedIsAnErrorExceptToRedo() {
    try (Fixture fixture = Fixture.of(16)) {
      fixture.store.ensureCapacity(5);
      CorruptionException error =
          assertThrows(CorruptionException.class, () -> fixture.pool.shared(3));
      assertTrue(error.toString().contains("page 3"), error.toString());
      assertTrue(error.toString().contains("never formatted"), error.toString());
      try (PageGuard guard = fixture.pool.forRedo(3)) {
        assertNull(guard.unreadable());
        assertEquals(0, guard.pageLsn());
        assertTrue(PageVerifier.isBlank(guard.page()));
      }
      // Redo found nothing to do: the page is as little there as before.
      assertThrows(CorruptionException.class, () -> fixture.pool.exclusive(3));
      assertEquals(0, fixture.pool.stats().resident());
    }
  }

  @Test
  void redoFormatsAnUnreadablePage() {
    MemoryDisk disk = new MemoryDisk();
    FakeLog log = new FakeLog();
    try (Fixture fixture = new Fixture(disk, log, new BufferPoolOptions(16, false))) {
      fixture.create(2, 1);
      fixture.pool.flushAll();
    }
    disk.damage(FilePageStore.PAGES_FILE, 2 * Fixture.PAGE + 100, new byte[] {1});
    try (Fixture fixture = new Fixture(disk, log, new BufferPoolOptions(16, false))) {
      try (PageGuard guard = fixture.pool.forRedo(2)) {
        assertTrue(guard.unreadable() instanceof CorruptionException);
        assertEquals(0, guard.pageLsn());
      }
      assertThrows(CorruptionException.class, () -> fixture.pool.shared(2));
      try (PageGuard guard = fixture.pool.forRedo(2)) {
        guard.prepareRedo(4096);
        PageLayout.format(guard.page(), 2, 1, 7);
        Fixture.put(guard.page(), 42);
        guard.changed(4200);
        assertNull(guard.unreadable());
      }
      assertEquals(42, fixture.read(2));
      assertEquals(List.of(new DirtyPage(2, 4096, 4200)), fixture.pool.dirtyPages());
    }
  }

  @Test
  void aRefusedPageIsAnErrorUntilItIsFormattedAnew() {
    try (Fixture fixture = Fixture.of(16)) {
      fixture.create(2, 1);
      fixture.create(3, 3);
      fixture.pool.flushAll();
      fixture.write(2, 7);
      fixture.pool.refuse(2, new CorruptionException("page 2 lost a write"));
      assertEquals(0, fixture.pool.stats().dirty());
      CorruptionException error =
          assertThrows(CorruptionException.class, () -> fixture.pool.shared(2));
      assertTrue(error.toString().contains("lost a write"), error.toString());
      assertThrows(CorruptionException.class, () -> fixture.pool.optimistic(2));
      try (PageGuard guard = fixture.pool.forRedo(2)) {
        assertTrue(guard.unreadable() instanceof CorruptionException);
        assertEquals(0, guard.pageLsn());
      }
      try (PageGuard guard = fixture.pool.fresh(2)) {
        guard.prepareChange(); // and given up
      }
      assertThrows(CorruptionException.class, () -> fixture.pool.exclusive(2));
      assertEquals(3, fixture.read(3));
      fixture.create(2, 8);
      assertEquals(8, fixture.read(2));
      fixture.pool.flushAll();
    }
  }

  @Test
  void aFreshPageThatIsGivenUpLeavesNothingBehind() {
    try (Fixture fixture = Fixture.of(16)) {
      fixture.store.ensureCapacity(5);
      try (PageGuard guard = fixture.pool.fresh(4)) {
        guard.prepareChange();
      }
      assertEquals(0, fixture.pool.stats().dirty());
      assertEquals(List.of(), fixture.pool.dirtyPages());
      assertThrows(CorruptionException.class, () -> fixture.pool.shared(4));
    }
  }

  @Test
  void aPageBeyondTheEndOfTheStoreIsAnError() {
    try (Fixture fixture = Fixture.of(16)) {
      fixture.create(1, 1);
      long beyond = fixture.store.capacityPages() + 1;
      assertThrows(CorruptionException.class, () -> fixture.pool.shared(beyond));
      assertThrows(CorruptionException.class, () -> fixture.pool.shared(Long.MAX_VALUE));
      assertThrows(IllegalArgumentException.class, () -> fixture.pool.shared(0));
      assertThrows(IllegalArgumentException.class, () -> fixture.pool.exclusive(-1));
    }
  }

  @Test
  void guardsRefuseWhatTheirModeForbids() {
    try (Fixture fixture = Fixture.of(16)) {
      fixture.create(1, 1);
      try (PageGuard guard = fixture.pool.shared(1)) {
        assertFalse(guard.isExclusive());
        assertThrows(IllegalStateException.class, guard::prepareChange);
        assertThrows(IllegalStateException.class, () -> guard.prepareRedo(1));
        assertThrows(IllegalStateException.class, () -> guard.changed(1));
      }
      fixture.pool.flushAll();
      PageGuard guard = fixture.pool.exclusive(1);
      assertThrows(IllegalStateException.class, () -> guard.changed(fixture.log.append()));
      guard.close();
      guard.close();
      assertThrows(IllegalStateException.class, guard::page);
      try (PageGuard again = fixture.pool.exclusive(1)) {
        assertEquals(1, again.pageId());
      }
    }
  }

  @Test
  void anOptimisticReadNoticesAWriteAndAnEviction() {
    try (Fixture fixture = Fixture.of(16)) {
      for (long id = 1; id <= 40; id++) {
        fixture.create(id, id);
      }
      OptimisticPage page = fixture.pool.optimistic(1);
      assertEquals(1, Fixture.get(page.page()));
      assertTrue(page.validate());
      fixture.write(1, 2);
      assertFalse(page.validate());
      assertSame(page, fixture.pool.optimistic(1, page));
      assertTrue(page.validate());
      fixture.pool.flushAll(); // a dirty page stays while clean ones make room
      for (long id = 2; id <= 40; id++) {
        fixture.read(id);
      }
      assertFalse(page.validate());
      assertEquals(2, Fixture.get(fixture.pool.optimistic(1).page()));
    }
  }

  @Test
  void aClosedPoolReadsNoMorePages() {
    Fixture fixture = Fixture.of(16);
    fixture.create(1, 1);
    fixture.close();
    assertEquals(1, fixture.read(1));
    assertThrows(IllegalStateException.class, () -> fixture.read(2));
  }

  /** A read ahead of restart may have brought it in, before the version to expect was known. */
  @Test
  void olderVersionInMemoryIsDroppedWhenANewerOneIsExpected() {
    try (Fixture fixture = Fixture.of(16)) {
      fixture.create(1, 10);
      fixture.pool.flushAll();
      long known;
      try (PageGuard guard = fixture.pool.shared(1)) {
        known = guard.pageLsn();
      }
      fixture.pool.expectVersion(1, known);
      assertEquals(10, fixture.read(1));
      fixture.pool.expectVersion(1, known + 1);
      CorruptionException told = assertThrows(CorruptionException.class, () -> fixture.read(1));
      assertTrue(String.valueOf(told.getMessage()).contains("too old"), told.getMessage());
    }
  }
}
