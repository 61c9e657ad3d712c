package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.StorageIoException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
  private final MemoryDisk disk = new MemoryDisk();
  private final FakeLog log = new FakeLog();
  private final AtomicInteger reads = new AtomicInteger();

  @BeforeEach
  void storeAHundredPages() {
    try (Fixture fixture = new Fixture(disk, log, new BufferPoolOptions(128, false))) {
      for (long id = 1; id <= 100; id++) {
        fixture.create(id, id);
      }
      fixture.pool.flushAll();
    }
    disk.listener =
        (kind, name) -> {
          if (kind.equals("read") && name.equals(FilePageStore.PAGES_FILE)) {
            reads.incrementAndGet();
          }
        };
  }

  private Fixture open(int frames, boolean background) {
    Fixture fixture = new Fixture(disk, log, new BufferPoolOptions(frames, background));
    reads.set(0);
    return fixture;
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "still not so after a minute");
      Thread.onSpinWait();
    }
  }

  private static boolean isIn(Fixture fixture, long pageId) {
    Frame frame = fixture.pool.frames().table.get(pageId);
    return frame != null && !frame.latch.isHeld();
  }

  private static void awaitPages(Fixture fixture, long from, long to) {
    await(() -> LongStream.rangeClosed(from, to).allMatch(id -> isIn(fixture, id)));
  }

  @Test
  void neighboursComeInWithOneReadBeforeAnybodyAsks() {
    try (Fixture fixture = open(640, true)) {
      assertEquals(20, fixture.pool.prefetch(LongStream.rangeClosed(11, 30).toArray()));
      awaitPages(fixture, 11, 30);
      assertEquals(1, reads.get());
      assertEquals(20, fixture.pool.pagesRead());
      for (long id = 11; id <= 30; id++) {
        assertEquals(id, fixture.read(id));
      }
      assertEquals(1, reads.get());
      assertEquals(0, fixture.pool.prefetch(12, 13));
      assertEquals(1, fixture.pool.prefetch(30, 31));
    }
  }

  @Test
  void whatIsInMemoryAlreadyIsNotReadAgain() {
    try (Fixture fixture = open(640, true)) {
      fixture.write(15, 1_500);
      fixture.pool.prefetch(LongStream.rangeClosed(11, 20).toArray());
      awaitPages(fixture, 11, 20);
      assertEquals(1_500, fixture.read(15));
    }
  }

  @Test
  void nothingIsWrittenOrEvictedForIt() {
    try (Fixture fixture = open(16, true)) {
      AtomicInteger writes = new AtomicInteger();
      disk.listener = (kind, name) -> writes.addAndGet(kind.equals("write") ? 1 : 0);
      for (long id = 1; id <= 16; id++) {
        fixture.pool.exclusive(id).close();
      }
      PageGuard[] held = new PageGuard[16];
      for (int i = 0; i < 16; i++) {
        held[i] = fixture.pool.shared(i + 1);
      }
      assertEquals(4, fixture.pool.prefetch(50, 51, 52, 53, 54)); // no more at a time
      assertEquals(1, fixture.pool.prefetch(90));
      Threads.awaitSleep(threadNamed("redoubt-read-ahead-1"));
      for (long id = 50; id <= 54; id++) {
        assertNull(fixture.pool.frames().table.get(id));
      }
      assertEquals(16, fixture.pool.stats().resident());
      for (PageGuard guard : held) {
        guard.close();
      }
      assertEquals(0, writes.get());
      assertEquals(51, fixture.read(51));
    }
  }

  private static Thread threadNamed(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .findAny()
        .orElseThrow();
  }

  @Test
  void aDamagedPageIsTheReadersErrorAndKeepsNoOtherOut() {
    disk.damage(FilePageStore.PAGES_FILE, 13 * Fixture.PAGE + 100, new byte[] {1, 2, 3});
    try (Fixture fixture = open(160, true)) {
      fixture.pool.prefetch(11, 12, 13, 14, 15);
      awaitPages(fixture, 14, 15);
      CorruptionException error = assertThrows(CorruptionException.class, () -> fixture.read(13));
      assertTrue(error.toString().contains("page 13"), error.toString());
      assertEquals(12, fixture.read(12));
      assertEquals(14, fixture.read(14));
    }
  }

  @Test
  void aFailedReadIsForgottenAndTheReaderReadsAgain() {
    try (Fixture fixture = open(64, true)) {
      AtomicInteger failures = new AtomicInteger();
      disk.listener =
          (kind, name) -> {
            if (kind.equals("read") && failures.getAndIncrement() == 0) {
              throw new StorageIoException("bad sector");
            }
          };
      fixture.pool.prefetch(11, 12, 13);
      await(() -> failures.get() > 0);
      for (long id = 11; id <= 13; id++) {
        assertEquals(id, fixture.read(id));
      }
      assertEquals(3, fixture.pool.prefetch(21, 22, 23));
      awaitPages(fixture, 21, 23);
    }
  }

  @Test
  void whatCannotBeReadIsNotAskedFor() {
    try (Fixture fixture = open(64, true)) {
      fixture.pool.refuse(12, new CorruptionException("page 12 lost a write"));
      long beyond = fixture.store.capacityPages() + 1;
      assertEquals(0, fixture.pool.prefetch(0, -1, 12, beyond, Long.MAX_VALUE));
      assertEquals(1, fixture.pool.prefetch(12, 13, 13));
      awaitPages(fixture, 13, 13);
      assertNull(fixture.pool.frames().table.get(12));
    }
  }

  @Test
  void noMoreComesInThanStaysUntilItsTurn() {
    try (Fixture fixture = open(640, true)) {
      assertEquals(20, fixture.pool.maxPrefetch());
      assertEquals(20, fixture.pool.prefetch(LongStream.rangeClosed(31, 90).toArray()));
      awaitPages(fixture, 31, 50);
      assertNull(fixture.pool.frames().table.get(51));
    }
  }

  @Test
  void aPoolWithoutThreadsReadsNothingAhead() {
    try (Fixture fixture = open(64, false)) {
      assertEquals(0, fixture.pool.prefetch(11, 12, 13));
      assertEquals(0, fixture.pool.stats().resident());
    }
  }

  @Test
  void closingStopsIt() {
    Fixture fixture = open(640, true);
    fixture.pool.prefetch(LongStream.rangeClosed(1, 60).toArray());
    fixture.close();
    int before = reads.get();
    assertEquals(0, fixture.pool.prefetch(70, 71));
    assertEquals(before, reads.get());
  }

  @Test
  void aScanBeyondThePoolKeepsHotPages() {
    try (Fixture fixture = open(32, true)) {
      for (long id = 61; id <= 100; id++) {
        fixture.read(id); // Caffeine counts nothing before it is half full
      }
      for (int round = 0; round < 50; round++) {
        for (long id = 1; id <= 8; id++) {
          fixture.read(id);
        }
      }
      for (long id = 20; id <= 96; id += 4) {
        fixture.pool.prefetch(id, id + 1, id + 2, id + 3);
        for (long next = id; next < id + 4; next++) {
          assertEquals(next, fixture.read(next));
        }
      }
      long hot = LongStream.rangeClosed(1, 8).filter(id -> isIn(fixture, id)).count();
      assertTrue(hot >= 6, "only " + hot + " of 8 hot pages left");
    }
  }
}
