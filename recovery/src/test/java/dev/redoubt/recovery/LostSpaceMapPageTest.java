package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Zeroes in the page file where the space map was. */
class LostSpaceMapPageTest {
  private final MemoryDisk disk = new MemoryDisk();

  @Test
  void aPageOfTheMapThatWasLostIsNotTakenForAnEmptyOne() {
    long span = SpaceManager.span(4096);
    List<Long> second = new ArrayList<>();
    try (Engine engine = Engines.open(disk)) {
      while (engine.space().reserve() < span) {
        // All of the first group is taken, in memory.
      }
      second.add(Engines.CELLS.makePage(engine));
      second.add(Engines.CELLS.makePage(engine));
      assertEquals(List.of(span + 1, span + 3), second);
    }
    for (long bitmap : new long[] {2, span + 2}) {
      disk.put("pages", bitmap * 4096, new byte[4096]);
    }
    try (Engine engine = Engines.open(disk)) {
      for (long page : second) {
        assertTrue(engine.space().isAllocated(page), () -> page + " was handed out");
      }
      assertEquals(2 + 1 + second.size(), engine.space().allocatedPages());
      assertEquals(3, engine.space().reserve());
    }
  }
}
