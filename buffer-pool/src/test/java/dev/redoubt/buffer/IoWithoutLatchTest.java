package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The pool waits for no disk with a latch of its own held: none while pages or the log are written
 * or forced, and while a page is read that of its frame alone, in which nobody can have an interest
 * but in this page.
 */
class IoWithoutLatchTest {
  private static final int FRAMES = 16;
  private static final int PAGES = 60;

  private final MemoryDisk disk = new MemoryDisk();
  private final FakeLog log = new FakeLog();
  private final Map<String, Integer> calls = new HashMap<>();

  @Test
  void noLatchIsHeldWhileTheDiskIsWaitedFor() {
    try (Fixture fixture = new Fixture(disk, log, new BufferPoolOptions(FRAMES, false))) {
      fixture.pool.setRedoTarget(2_000);
      disk.listener = (kind, name) -> check(fixture, kind + " " + name);
      log.onForce = () -> check(fixture, "force log");
      SplittableRandom random = new SplittableRandom(3);
      for (int id = 1; id <= PAGES; id++) {
        fixture.create(id, id);
      }
      for (int step = 0; step < 3_000; step++) {
        int id = 1 + random.nextInt(PAGES);
        switch (random.nextInt(12)) {
          case 0 -> fixture.pool.cleanSome(3);
          case 1 -> fixture.pool.cleanDue();
          case 2, 3, 4, 5 -> fixture.write(id, id);
          default -> assertEquals(id, fixture.read(id));
        }
      }
      fixture.pool.flushAll();
      disk.listener = (kind, name) -> {};
    }
    for (String each :
        List.of("read pages", "write pages", "force pages", "force doublewrite", "force log")) {
      assertTrue(calls.getOrDefault(each, 0) > 50, () -> each + " in " + calls);
    }
  }

  private void check(Fixture fixture, String call) {
    calls.merge(call, 1, Integer::sum);
    List<Long> held = new ArrayList<>();
    Frames frames = fixture.pool.frames();
    for (int i = 0; i < frames.count(); i++) {
      if (frames.at(i).latch.isHeld()) {
        held.add(frames.at(i).pageId());
      }
    }
    assertTrue(held.size() <= (call.startsWith("read") ? 1 : 0), () -> call + " with " + held);
  }
}
