package dev.redoubt.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.buffer.PageVerifier;
import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.wal.LogHolder;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A store is copied file by file while it runs, as {@code docs/copying.md} says. */
class HeldCheckpointTest {
  private static final int PAGE = 4096;
  private static final int PAGES = 40;

  private final Cells cells = Engines.CELLS;
  private final MemoryDisk disk = new MemoryDisk();

  private static void copyBytes(Disk from, Disk to, String name, long length, long size) {
    byte[] bytes = new byte[Math.toIntExact(size)];
    try (DiskFile in = from.open(name, Disk.Access.READ, Disk.Caching.BUFFERED)) {
      in.read(ByteBuffer.wrap(bytes, 0, Math.toIntExact(length)), 0);
    }
    write(to, name, bytes);
  }

  private static void write(Disk to, String name, byte[] bytes) {
    try (DiskFile out = to.open(name, Disk.Access.CREATE, Disk.Caching.BUFFERED)) {
      out.write(ByteBuffer.wrap(bytes), 0);
      out.force();
    }
    to.forceDirectory();
  }

  /** Step 2: pages in any order, each read again until it is whole. */
  private static void copyPages(Engine engine, Disk from, Disk to, Random order) {
    PageVerifier verifier = new PageVerifier(engine.log().storeId(), PAGE);
    try (DiskFile in = from.open("pages", Disk.Access.READ, Disk.Caching.BUFFERED)) {
      byte[] all = new byte[Math.toIntExact(in.size() / PAGE * PAGE)];
      List<Integer> ids = new ArrayList<>();
      for (int id = 1; id < all.length / PAGE; id++) {
        ids.add(id);
      }
      Collections.shuffle(ids, order);
      for (int id : ids) {
        MemorySegment page = MemorySegment.ofArray(new byte[PAGE]);
        do {
          in.read(page.asByteBuffer(), (long) id * PAGE);
        } while (!PageVerifier.isBlank(page)
            && verifier.problem(page, id, PageVerifier.NO_LOG_END, "copy") != null);
        MemorySegment.copy(page, 0, MemorySegment.ofArray(all), (long) id * PAGE, PAGE);
      }
      write(to, "pages", all);
    }
  }

  /** Step 4: what is below the end, and no byte more. */
  private static void copyLog(Engine engine, Disk from, Disk to, long fromLsn, long endLsn) {
    long segmentBytes = engine.log().segmentBytes();
    for (long i = fromLsn / segmentBytes; i <= (endLsn - 1) / segmentBytes; i++) {
      String name = String.format("log-%016x.seg", i);
      copyBytes(from, to, name, Math.min(segmentBytes, endLsn - i * segmentBytes), segmentBytes);
    }
  }

  private MemoryDisk copy(Engine engine, LogHolder hold, long seed) {
    MemoryDisk to = new MemoryDisk();
    copyBytes(disk, to, "master", 3 * 4096, 3 * 4096);
    copyPages(engine, disk, to, new Random(seed));
    engine.log().forceAll();
    copyLog(engine, disk, to, hold.lsn(), engine.log().durableEndLsn());
    return to;
  }

  /** Transaction n sets a cell of each of two pages to n. */
  private void write(Engine engine, List<Long> pages, long n) {
    Transaction transaction = engine.begin();
    int at = (int) (n % (PAGES / 2));
    cells.set(engine, transaction, pages.get(at), 1, n);
    cells.set(engine, transaction, pages.get(PAGES - 1 - at), 1, n);
    cells.set(engine, transaction, pages.getFirst(), 0, n);
    Engines.commit(engine, transaction);
  }

  private void check(MemoryDisk copied, List<Long> pages, long acknowledged, long seed) {
    try (Engine again = Engines.open(copied)) {
      assertEquals(List.of(), again.lastRecovery().quarantinedPages(), "seed " + seed);
      long last = Cells.get(again, pages.getFirst(), 0);
      assertTrue(last >= acknowledged, "seed " + seed + ": " + acknowledged + " lost, has " + last);
      for (long n = Math.max(1, last - PAGES / 2 + 1); n <= last; n++) {
        int at = (int) (n % (PAGES / 2));
        assertEquals(n, Cells.get(again, pages.get(at), 1), "seed " + seed);
        assertEquals(n, Cells.get(again, pages.get(PAGES - 1 - at), 1), "seed " + seed);
      }
    }
  }

  @Test
  void copyMadeUnderLoadHoldsWhatWasAcknowledgedBeforeIt() throws InterruptedException {
    try (Engine engine = Engines.open(disk)) {
      List<Long> pages = new ArrayList<>();
      for (int i = 0; i < PAGES; i++) {
        pages.add(cells.makePage(engine));
      }
      AtomicLong acknowledged = new AtomicLong();
      AtomicBoolean stop = new AtomicBoolean();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      List<Thread> threads = new ArrayList<>();
      threads.add(
          until(
              stop,
              failure,
              () -> {
                write(engine, pages, acknowledged.get() + 1);
                acknowledged.incrementAndGet();
              }));
      // Pages go home and checkpoints truncate the log all the while.
      threads.add(
          until(
              stop,
              failure,
              () -> {
                engine.pool().cleanSome(16);
                engine.checkpoint();
              }));
      for (long seed = 1; seed <= 20; seed++) {
        long before = acknowledged.get();
        try (LogHolder hold = engine.holdCheckpoint("copy " + seed)) {
          check(copy(engine, hold, seed), pages, before, seed);
        }
      }
      stop.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(null, failure.get());
    }
  }

  private static Thread until(
      AtomicBoolean stop, AtomicReference<Throwable> failure, Runnable work) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                while (!stop.get()) {
                  work.run();
                }
              } catch (Throwable t) {
                failure.set(t);
              }
            });
  }

  @Test
  void slotAtTheHoldLetsACopyGoOnAfterACrash() {
    List<Long> pages = new ArrayList<>();
    long heldLsn;
    Engine engine = Engines.open(disk);
    for (int i = 0; i < PAGES; i++) {
      pages.add(cells.makePage(engine));
    }
    try (LogHolder hold = engine.holdCheckpoint("copy")) {
      heldLsn = hold.lsn();
      engine.log().followers().createSlot("copy", heldLsn, 64 << 20);
    }
    MemoryDisk to = new MemoryDisk();
    copyBytes(disk, to, "master", 3 * 4096, 3 * 4096); // and then the program is killed
    write(engine, pages, 1);
    engine.abandon();
    try (Engine again = Engines.open(disk)) {
      long n = 1;
      while (again.log().endLsn() < heldLsn + (2 << 20)) {
        write(again, pages, ++n);
      }
      again.pool().flushAll();
      again.checkpoint();
      assertTrue(again.log().startLsn() <= heldLsn);
      assertTrue(
          again.log().holders().stream().anyMatch(h -> h.name().contains("copy")),
          () -> "" + again.log().holders());
      copyPages(again, disk, to, new Random(1));
      again.log().forceAll();
      copyLog(again, disk, to, heldLsn, again.log().durableEndLsn());
      check(to, pages, n, 1);
      again.log().followers().slot("copy").delete();
      again.checkpoint();
      assertTrue(again.log().startLsn() > heldLsn);
    }
  }

  @Test
  void heldLogStaysUntilTheHoldIsClosed() {
    try (Engine engine = Engines.open(disk)) {
      List<Long> pages = new ArrayList<>();
      for (int i = 0; i < PAGES; i++) {
        pages.add(cells.makePage(engine));
      }
      LogHolder hold = engine.holdCheckpoint("copy");
      long heldLsn = hold.lsn();
      assertEquals(engine.log().master().boundLsn(), heldLsn);
      assertTrue(engine.log().holders().stream().anyMatch(h -> h.name().equals("copy")));
      for (long n = 1; engine.log().endLsn() < heldLsn + (2 << 20); n++) {
        write(engine, pages, n);
      }
      engine.pool().flushAll();
      engine.checkpoint();
      assertTrue(engine.log().startLsn() <= heldLsn);
      hold.close();
      engine.checkpoint();
      assertTrue(engine.log().startLsn() > heldLsn);
    }
  }
}
