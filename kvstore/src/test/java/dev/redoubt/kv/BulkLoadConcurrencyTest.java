package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.recovery.TransactionDoomedException;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogReservation;
import dev.redoubt.wal.LogStats;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads and clears among readers and writers, and beyond the cap of the log. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BulkLoadConcurrencyTest {
  private static final TreeDef<Long, Long> TREE = TreeDef.of("t", Codecs.INT64, Codecs.INT64);
  private static final TreeDef<String, Long> LATEST =
      TreeDef.of("latest", Codecs.UTF_8, Codecs.INT64);
  private static final int ENTRIES = 700;
  private static final int GENERATIONS = 60;

  @TempDir Path dir;

  /**
   * One thread loads a generation after another, each with its number beside it; writers change the
   * value of some key to one of the same generation and its negative. Whoever reads finds exactly
   * one generation, the one that the number says.
   */
  @Test
  void whoeverReadsFindsOneWholeGeneration() throws Exception {
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong read = new AtomicLong();
    AtomicLong written = new AtomicLong();
    try (Store store = Store.open(dir, TestPages.OPTIONS.withMaxAttempts(1000))) {
      store.write(tx -> replace(tx, 0));
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        threads.add(
            start(
                failures,
                () -> {
                  while (!over.get()) {
                    store.view(BulkLoadConcurrencyTest::checkWhole);
                    read.incrementAndGet();
                  }
                }));
        long seed = i;
        threads.add(
            start(
                failures,
                () -> {
                  for (long at = seed; !over.get(); at += 17) {
                    long key = at % ENTRIES;
                    store.write(
                        tx -> {
                          Tree<Long, Long> tree = tx.tree(TREE);
                          Long value = tree.get(key);
                          assertTrue(value != null, "key " + key);
                          assertEquals(
                              Math.abs(value == null ? 0 : value), tx.tree(LATEST).get("is"));
                          tree.put(key, -(value == null ? 0 : value));
                        });
                    written.incrementAndGet();
                  }
                }));
      }
      threads.add(
          start(
              failures,
              () -> {
                // On a busy machine the others may have had no turn yet.
                boolean all = false;
                try {
                  for (int next = 1; !all && failures.isEmpty(); next++) {
                    int generation = next;
                    store.write(tx -> replace(tx, generation));
                    all = generation >= GENERATIONS && read.get() > 0 && written.get() > 0;
                  }
                } finally {
                  over.set(true);
                }
              }));
      for (Thread each : threads) {
        each.join();
      }
      assertEquals(List.of(), failures);
      store.view(BulkLoadConcurrencyTest::checkWhole);
      assertEquals(List.of(), store.verify(pages -> {}).problems());
    }
    try (Store store = Store.open(dir, TestPages.OPTIONS)) {
      store.view(BulkLoadConcurrencyTest::checkWhole);
    }
  }

  private static Thread start(List<Throwable> failures, Runnable work) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                work.run();
              } catch (Throwable t) { // reported by the test
                failures.add(t);
              }
            });
  }

  private static void replace(WriteTx tx, long generation) {
    tx.tree(TREE).clear();
    tx.tree(TREE)
        .bulkLoad(
            LongStream.range(0, ENTRIES).mapToObj(key -> Map.entry(key, generation)).iterator());
    tx.tree(LATEST).put("is", generation);
  }

  private static void checkWhole(ReadTx tx) {
    Long generation = tx.tree(LATEST).get("is");
    long[] count = {0};
    tx.tree(TREE)
        .range(KeyRange.all())
        .forEach(
            entry -> {
              assertEquals(count[0]++, entry.getKey());
              assertEquals(generation, Math.abs(entry.getValue()));
            });
    assertEquals(ENTRIES, count[0]);
  }

  /** Whoever looks a tree up while another takes its place, or is taken back, meets the old one. */
  @Test
  void aClearThatIsRolledBackIsSeenByNobody() throws Exception {
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    AtomicInteger cleared = new AtomicInteger();
    try (Store store = Store.open(dir, TestPages.OPTIONS)) {
      store.write(tx -> replace(tx, 1));
      List<Thread> readers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        readers.add(
            start(
                failures,
                () -> {
                  while (cleared.get() < 2000) {
                    assertEquals(1L, store.get(TREE, 5L));
                  }
                }));
      }
      while (cleared.get() < 2000) {
        try (WriteTx tx = store.beginWrite()) {
          tx.tree(TREE).clear();
        }
        cleared.incrementAndGet();
      }
      for (Thread each : readers) {
        each.join();
      }
      assertEquals(List.of(), failures);
    }
  }

  /** A single get registers no snapshot: the pages of the tree it has found may be freed. */
  @Test
  void singleGetsGoOnWhileTreesAreReplacedAndFreed() throws Exception {
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    AtomicInteger replaced = new AtomicInteger();
    try (Store store = Store.open(dir, TestPages.OPTIONS.withDurability(Durability.ASYNC))) {
      store.write(tx -> replace(tx, 1));
      List<Thread> readers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        long key = i * 300L;
        readers.add(
            start(
                failures,
                () -> {
                  while (replaced.get() < 300) {
                    assertEquals(1L, store.get(TREE, key));
                  }
                }));
      }
      while (replaced.get() < 300 && failures.isEmpty()) {
        store.write(tx -> replace(tx, 1));
        replaced.incrementAndGet();
      }
      replaced.set(300);
      for (Thread each : readers) {
        each.join();
      }
      assertEquals(List.of(), failures);
    }
  }

  private static final long CAP = 768 << 10;

  private static final TreeDef<Long, byte[]> LARGE =
      TreeDef.of("large", Codecs.INT64, Codecs.BYTES);

  private static StoreOptions capped(boolean background) {
    return TestPages.OPTIONS
        .withConflictWait(Duration.ofSeconds(5))
        .withEngine(
            TestPages.OPTIONS
                .engine()
                .withPageSize(4096)
                .withFrames(64)
                .withBackground(background)
                .withMaxWalBytes(CAP)
                .withLog(
                    TestPages.OPTIONS
                        .engine()
                        .log()
                        .withSegmentBytes(64 << 10)
                        .withBuffers(2, 16 << 10)));
  }

  private static Iterator<Map.Entry<Long, byte[]>> entries(long count, int each500th) {
    return LongStream.range(0, count)
        .mapToObj(key -> Map.entry(key, new byte[key % 500 == 3 ? each500th : 100]))
        .iterator();
  }

  /** The log is recycled while the load goes on. */
  @Test
  void aLoadMayBeLargerThanTheLog() {
    try (Store store = Store.open(dir, capped(true))) {
      long entries = 30_000;
      store.write(tx -> tx.tree(LARGE).bulkLoad(entries(entries, 9000)));
      assertTrue(store.engine().log().endLsn() > 4 * CAP, "end " + store.engine().log().endLsn());
      assertEquals(entries, store.<Long, RuntimeException>read(tx -> tx.tree(LARGE).count()));
      assertEquals(List.of(), store.verify(pages -> {}).problems());
    }
  }

  /** No large value is written, whose transaction would wait for a checkpoint. */
  @Test
  void aLoadOfSmallValuesWaitsForACheckpointToo() {
    try (Store store = Store.open(dir, capped(false))) {
      long entries = 12_000;
      store.write(tx -> tx.tree(LARGE).bulkLoad(entries(entries, 100)));
      assertTrue(store.engine().log().endLsn() > 2 * CAP, "end " + store.engine().log().endLsn());
      assertEquals(entries, store.<Long, RuntimeException>read(tx -> tx.tree(LARGE).count()));
      store.write(tx -> tx.tree(LARGE).clear());
      store.engine().log().forceAll();
      store.parts().housekeeper().workOff();
      assertEquals(List.of(), store.parts().pendingFree().entries());
      assertEquals(List.of(), store.verify(pages -> {}).problems());
    }
  }

  /**
   * It has written before it loads, so that its load is bound by the cap; the tree is as before.
   */
  @Test
  void aTransactionThatHoldsTheLogIsRolledBackInTheMidstOfItsLoad() {
    try (Store store = Store.open(dir, capped(false))) {
      store.write(tx -> tx.tree(LARGE).put(1L, new byte[] {1}));
      try (WriteTx tx = store.beginWrite()) {
        tx.tree(LARGE).clear();
        Iterator<Map.Entry<Long, byte[]>> entries = entries(1_000_000, 100);
        assertThrows(TransactionDoomedException.class, () -> tx.tree(LARGE).bulkLoad(entries));
        assertTrue(entries.next().getKey() < 20_000, "it went on without hope");
        assertThrows(TransactionDoomedException.class, tx::commit);
      }
      assertEquals(1L, store.<Long, RuntimeException>read(tx -> tx.tree(LARGE).count()));
      store.write(tx -> tx.tree(LARGE).put(2L, new byte[] {2}));
      store.engine().log().forceAll();
      store.parts().housekeeper().workOff();
      assertEquals(List.of(), store.parts().pendingFree().entries());
      assertEquals(List.of(), store.verify(pages -> {}).problems());
    }
  }

  /** The engine undoes all of it while the tree is being replaced, or dropped, for want of room. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTransactionThatIsRolledBackInTheMidstOfItGivesTheTreeBack(boolean clear) {
    try (Store store = Store.open(dir, capped(false).withDurability(Durability.ASYNC))) {
      store.write(tx -> tx.tree(LARGE).put(1L, new byte[] {1}));
      Log log = store.engine().log();
      try (WriteTx tx = store.beginWrite()) {
        tx.tree(LATEST).put("is", 1L);
        long begin = log.endLsn();
        while (log.endLsn() < begin + CAP / 2) {
          store.write(other -> other.tree(TREE).put(1L, 1L));
        }
        LogStats stats = log.stats();
        long retained = stats.endLsn() - stats.startLsn() + stats.reservedBytes();
        try (LogReservation _ = log.reserve(CAP - CAP / 8 - retained - 64)) {
          Tree<Long, byte[]> tree = tx.tree(LARGE);
          assertThrows(
              TransactionDoomedException.class,
              () -> {
                if (clear) {
                  tree.clear();
                } else {
                  tx.dropTree("large");
                }
              });
        }
      }
      assertEquals(List.of("large", "latest", "t"), store.listTrees());
      store.write(tx -> tx.tree(LARGE).put(2L, new byte[] {2}));
      assertEquals(2L, store.<Long, RuntimeException>read(tx -> tx.tree(LARGE).count()));
      log.forceAll();
      store.parts().housekeeper().workOff();
      assertEquals(List.of(), store.parts().pendingFree().entries());
      assertEquals(List.of(), store.verify(pages -> {}).problems());
    }
  }
}
