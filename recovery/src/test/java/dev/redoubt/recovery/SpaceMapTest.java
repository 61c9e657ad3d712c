package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SpaceMapTest {
  private final MemoryDisk disk = new MemoryDisk();

  private static void free(Engine engine, List<Long> pages) {
    AtomicChange change = new AtomicChange();
    pages.forEach(page -> engine.space().addFree(change, page));
    Engines.change(engine, change);
  }

  private static void allocate(Engine engine, List<Long> pages) {
    AtomicChange change = new AtomicChange();
    pages.forEach(page -> engine.space().addAllocate(change, page));
    Engines.change(engine, change);
  }

  @Test
  void reservedPagesAreDifferentAndNeverTheEnginesOwn() {
    try (Engine engine = Engines.open(disk)) {
      Set<Long> seen = new HashSet<>(List.of(1L, 2L));
      for (int i = 0; i < 500; i++) {
        assertTrue(seen.add(engine.space().reserve()));
      }
      assertEquals(2, engine.space().allocatedPages());
    }
  }

  @Test
  void severalPagesInSeveralGroupsGoIntoOneChange() {
    long span = SpaceManager.span(4096);
    try (Engine engine = Engines.open(disk)) {
      List<Long> pages = new ArrayList<>();
      for (long i = 0; i < span + 10; i++) {
        pages.add(engine.space().reserve());
      }
      assertTrue(pages.getLast() > span + 2, "the second group's bitmap is left out");
      assertFalse(pages.contains(span + 2));
      // From the far group to the near one: the engine latches the bitmaps in page order.
      allocate(engine, pages.reversed().subList(0, 20));
      allocate(engine, pages.subList(0, 5));
      assertEquals(25 + 3, engine.space().allocatedPages());
      free(engine, List.of(pages.get(0), pages.getLast(), pages.get(1)));
      assertFalse(engine.space().isAllocated(pages.getFirst()));
      assertFalse(engine.space().isAllocated(pages.getLast()));
      assertTrue(engine.space().isAllocated(pages.get(2)));
      assertEquals(22 + 3, engine.space().allocatedPages());
    }
    try (Engine engine = Engines.open(disk)) {
      assertEquals(22 + 3, engine.space().allocatedPages());
    }
  }

  @Test
  void cancelledAndFreedPagesAreFoundAgain() {
    try (Engine engine = Engines.open(disk)) {
      long first = engine.space().reserve();
      long second = engine.space().reserve();
      engine.space().cancel(first);
      assertEquals(first, engine.space().reserve());
      allocate(engine, List.of(first, second));
      free(engine, List.of(first));
      assertEquals(first, engine.space().reserve());
    }
  }

  @Test
  void doubleAllocationAndDoubleFreeAreRefusedBeforeTheAppend() {
    try (Engine engine = Engines.open(disk)) {
      long page = engine.space().reserve();
      allocate(engine, List.of(page));
      long end = engine.log().endLsn();
      assertThrows(IllegalStateException.class, () -> allocate(engine, List.of(page)));
      free(engine, List.of(page));
      assertThrows(IllegalStateException.class, () -> free(engine, List.of(page)));
      assertThrows(IllegalArgumentException.class, () -> free(engine, List.of(1L)));
      assertThrows(IllegalArgumentException.class, () -> free(engine, List.of(2L)));
      assertFalse(engine.log().gate().isHalted());
      assertTrue(engine.log().endLsn() > end);
    }
  }

  @Test
  void randomAllocationMatchesASetOverCrashes() {
    long seed = 4711;
    SplittableRandom random = new SplittableRandom(seed);
    Set<Long> expected = new HashSet<>();
    MemoryDisk current = disk;
    for (int round = 0; round < 20; round++) {
      Engine engine = Engines.open(current);
      assertEquals(expected.size() + 2, engine.space().allocatedPages(), "seed " + seed);
      for (int i = 0; i < 50; i++) {
        if (random.nextInt(3) > 0 || expected.isEmpty()) {
          long page = engine.space().reserve();
          assertFalse(expected.contains(page), "seed " + seed + " page " + page);
          if (random.nextInt(4) == 0) {
            engine.space().cancel(page);
          } else {
            allocate(engine, List.of(page));
            expected.add(page);
          }
        } else {
          long page = List.copyOf(expected).get(random.nextInt(expected.size()));
          free(engine, List.of(page));
          expected.remove(page);
        }
      }
      engine.log().forceAll();
      engine.abandon();
      current = current.afterPowerLoss();
    }
  }

  @Test
  void rootDirectoryKeepsNamesOverCrashes() {
    Engine engine = Engines.open(disk);
    assertNull(engine.roots().get("a"));
    AtomicChange change = new AtomicChange();
    engine.roots().addPut(change, "b", new byte[] {2});
    engine.roots().addPut(change, "a", new byte[] {1});
    Engines.change(engine, change);
    engine.roots().addRemove(change.reset(), "b");
    engine.roots().addPut(change, "c", new byte[64]);
    engine.log().force(Engines.change(engine, change));
    engine.abandon();
    try (Engine again = Engines.open(disk.afterPowerLoss())) {
      assertEquals(List.of("a", "c"), again.roots().names());
      assertEquals(1, java.util.Objects.requireNonNull(again.roots().get("a"))[0]);
    }
  }

  @Test
  void fullRootDirectoryRefusesTheChangeAndLives() {
    try (Engine engine = Engines.open(disk)) {
      AtomicChange change = new AtomicChange();
      int[] count = {0};
      assertThrows(
          IllegalStateException.class,
          () -> {
            while (true) {
              engine.roots().addPut(change.reset(), "name " + count[0], new byte[64]);
              Engines.change(engine, change);
              count[0]++;
            }
          });
      assertTrue(count[0] >= 50, "" + count[0]);
      assertEquals(count[0], engine.roots().names().size());
      assertThrows(
          IllegalArgumentException.class,
          () -> engine.roots().addPut(change, "x".repeat(65), new byte[0]));
      assertThrows(
          IllegalArgumentException.class, () -> engine.roots().addPut(change, "x", new byte[65]));
    }
  }
}
