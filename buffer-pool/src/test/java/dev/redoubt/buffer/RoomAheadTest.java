package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.DiskFullException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class RoomAheadTest {
  private static final int IN_PIECE = (int) (FrameMemory.HUGE_BYTES / Fixture.PAGE);

  private static void await(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 60_000 && !condition.getAsBoolean(); i++) {
      Thread.sleep(1);
    }
    assertTrue(condition.getAsBoolean(), "in a minute");
  }

  private static boolean threadWaits() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(each -> each.getName().equals("redoubt-room-ahead"))
        .anyMatch(each -> each.getState() == Thread.State.WAITING);
  }

  private static Fixture fixture(MemoryDisk disk, int frames, boolean background) {
    return new Fixture(disk, new FakeLog(), new BufferPoolOptions(frames, background));
  }

  @Test
  void theStoreIsMadeLongerBeforeItsEndIsReached() throws InterruptedException {
    try (Fixture fixture = fixture(new MemoryDisk(), 16, true)) {
      fixture.store.ensureCapacity(1);
      long capacity = fixture.store.capacityPages();
      fixture.pool.usedUpTo(capacity / 2);
      fixture.pool.usedUpTo(capacity - 1);
      await(() -> fixture.store.capacityPages() >= capacity + 16);
      long grown = fixture.store.capacityPages();
      fixture.pool.usedUpTo(capacity - 1); // nothing new
      fixture.pool.usedUpTo(1);
      assertEquals(grown, fixture.store.capacityPages());
    }
  }

  @Test
  void withoutBackgroundItIsLeftToWhoNeedsIt() {
    try (Fixture fixture = fixture(new MemoryDisk(), 16, false)) {
      fixture.store.ensureCapacity(1);
      long capacity = fixture.store.capacityPages();
      fixture.pool.usedUpTo(capacity);
      assertEquals(capacity, fixture.store.capacityPages());
    }
  }

  @Test
  void aFullDiskIsTriedOnceAndAgainWhenSomebodyFoundSpace() throws InterruptedException {
    MemoryDisk disk = new MemoryDisk();
    try (Fixture fixture = fixture(disk, 16, true)) {
      fixture.store.ensureCapacity(1);
      long capacity = fixture.store.capacityPages();
      AtomicBoolean full = new AtomicBoolean(true);
      AtomicInteger refused = new AtomicInteger();
      disk.listener =
          (kind, name) -> {
            if (full.get() && kind.equals("write") && name.equals(FilePageStore.PAGES_FILE)) {
              refused.incrementAndGet();
              throw new DiskFullException("no space");
            }
          };
      fixture.pool.usedUpTo(capacity - 2);
      await(() -> refused.get() >= 2); // the generous attempt, and the one for what was asked
      await(RoomAheadTest::threadWaits); // it has looked, and found nothing more to try
      int attempts = refused.get();
      fixture.pool.usedUpTo(capacity - 1);
      await(RoomAheadTest::threadWaits);
      assertEquals(attempts, refused.get());
      full.set(false);
      fixture.store.ensureCapacity(capacity + 1);
      long grown = fixture.store.capacityPages();
      fixture.pool.usedUpTo(grown);
      await(() -> fixture.store.capacityPages() > grown);
    }
  }

  @Test
  void theFramesThatAreUsedNextHaveTheirMemory() throws InterruptedException {
    try (Fixture fixture = fixture(new MemoryDisk(), 4 * IN_PIECE, true)) {
      Frames frames = fixture.pool.frames();
      fixture.create(1, 1);
      await(() -> frames.at(IN_PIECE).hasMemory());
      assertFalse(frames.at(2 * IN_PIECE).hasMemory());
      for (long pageId = 2; pageId <= IN_PIECE + 1; pageId++) {
        fixture.create(pageId, pageId);
      }
      await(() -> frames.at(2 * IN_PIECE).hasMemory());
      assertFalse(frames.at(3 * IN_PIECE).hasMemory());
    }
  }

  @Test
  void memoryIsMadeFurtherAheadWhenPagesAreTakenFast() throws InterruptedException {
    MemoryDisk disk = new MemoryDisk();
    try (Fixture fixture = fixture(disk, 8 * IN_PIECE, true)) {
      fixture.store.ensureCapacity(1);
      long capacity = fixture.store.capacityPages();
      disk.listener =
          (kind, name) -> {
            if (kind.equals("write") && name.equals(FilePageStore.PAGES_FILE)) {
              fixture.pool.usedUpTo(capacity + IN_PIECE); // so many while the store grows
            }
          };
      fixture.pool.usedUpTo(capacity);
      Frames frames = fixture.pool.frames();
      await(() -> frames.at(3 * IN_PIECE).hasMemory());
      assertFalse(frames.at(5 * IN_PIECE).hasMemory());
    }
  }

  /** A frame's memory is zeroed once; whoever formats a page finds zeros, whatever was there. */
  @Test
  void aFreshPageIsZerosInAFrameThatHeldAnother() throws InterruptedException {
    try (Fixture fixture = fixture(new MemoryDisk(), 16, true)) {
      for (long pageId = 1; pageId <= 64; pageId++) {
        fixture.create(pageId, pageId);
      }
      fixture.pool.flushAll();
      assertZeros(fixture, 1000);
    }
    MemoryDisk disk = new MemoryDisk();
    FakeLog log = new FakeLog();
    try (Fixture fixture = new Fixture(disk, log, new BufferPoolOptions(16, false))) {
      for (long pageId = 1; pageId <= 8; pageId++) {
        fixture.create(pageId, pageId);
      }
      fixture.pool.flushAll();
    }
    try (Fixture fixture = new Fixture(disk, log, new BufferPoolOptions(16, true))) {
      assertTrue(fixture.pool.prefetch(1, 2, 3, 4) > 0);
      await(() -> fixture.pool.stats().resident() >= 4);
      assertZeros(fixture, 1000);
    }
  }

  private static void assertZeros(Fixture fixture, long firstPageId) {
    fixture.store.ensureCapacity(firstPageId + 40);
    for (long pageId = firstPageId; pageId < firstPageId + 40; pageId++) {
      try (PageGuard guard = fixture.pool.fresh(pageId)) {
        assertTrue(PageVerifier.isBlank(guard.page()), "page " + pageId);
        guard.prepareChange();
        long lsn = fixture.log.append();
        PageLayout.format(guard.page(), pageId, 1, 7);
        guard.page().fill((byte) 3);
        PageLayout.format(guard.page(), pageId, 1, 7);
        guard.changed(lsn);
      }
    }
  }
}
