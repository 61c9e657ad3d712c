package dev.redoubt.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A page that is being brought in is in the page table already, and seen by nobody. */
class LoadedPageTest {
  private final MemoryDisk disk = new MemoryDisk();
  private final Threads threads = new Threads();
  private final AtomicLong latched = new AtomicLong();
  private final AtomicLong optimistic = new AtomicLong();

  @Test
  void whoeverComesWhileAPageIsReadSeesItWhole() {
    try (Fixture fixture = new Fixture(disk, new FakeLog(), new BufferPoolOptions(16, false))) {
      for (long id = 1; id <= 40; id++) {
        fixture.create(id, id);
      }
      fixture.pool.flushAll();
      assertNull(fixture.pool.frames().table.get(1));
      disk.listener =
          (kind, name) -> {
            if (kind.equals("read")) {
              disk.listener = (others, of) -> {};
              othersCome(fixture);
            }
          };
      assertEquals(1, fixture.read(1));
      threads.join();
      assertEquals(1, latched.get());
      assertEquals(1, optimistic.get());
    }
  }

  private void othersCome(Fixture fixture) {
    Threads.awaitSleep(threads.start(() -> latched.set(fixture.read(1))));
    Threads.awaitSleep(threads.start(() -> optimistic.set(readOptimistically(fixture.pool))));
  }

  private static long readOptimistically(BufferPool pool) {
    OptimisticPage page = pool.optimistic(1);
    while (true) {
      long value = page.page().get(PageLayout.LONG, Fixture.VALUE);
      if (page.validate()) {
        return value;
      }
      pool.optimistic(1, page);
    }
  }
}
