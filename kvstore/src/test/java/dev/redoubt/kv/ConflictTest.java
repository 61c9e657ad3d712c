package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.StorageException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens when two transactions want the same key. */
@Timeout(300)
final class ConflictTest {
  private static final TreeDef<String, Long> TREE = TreeDef.of("t", Codecs.UTF_8, Codecs.INT64);

  /** No test outlives a wait: each conflict must be noticed, not timed out. */
  private static final StoreOptions OPTIONS =
      TestPages.OPTIONS.withDurability(Durability.ASYNC).withConflictWait(Duration.ofHours(1));

  private static final long SEED = 20_260_722L;

  @TempDir Path dir;

  @Test
  void aWriteInsideAWriteOnTheSameKeyIsRefusedAtOnceAndNotRunAgain() {
    try (Store store = Store.open(dir, OPTIONS)) {
      int[] outer = {0};
      int[] inner = {0};
      ConflictException e =
          assertThrows(
              ConflictException.class,
              () ->
                  store.write(
                      tx -> {
                        outer[0]++;
                        tx.tree(TREE).put("k", 1L);
                        store.write(
                            nested -> {
                              inner[0]++;
                              nested.tree(TREE).put("k", 2L);
                            });
                      }));
      assertFalse(e.isRetryable());
      assertTrue(String.valueOf(e.getMessage()).contains("this very thread"), e::toString);
      assertEquals(List.of(1, 1), List.of(outer[0], inner[0]));
      store.write(tx -> tx.tree(TREE).put("k", 3L));
      assertEquals(3L, get(store, "k"));
    }
  }

  /**
   * A key is free as soon as its commit has a timestamp, and a moment later that commit can be
   * found by snapshots. <em>Who owned the key in between read what was there before, and its commit
   * lost the update.</em>
   */
  @Test
  void aLockingReadWaitsUntilTheCommitThatFreedTheKeyCanBeFound() throws InterruptedException {
    Store store = Store.open(dir, OPTIONS);
    store.write(tx -> tx.tree(TREE).put("k", 1L));
    WriteTransaction winner = (WriteTransaction) store.beginWrite();
    winner.tree(TREE).put("k", 2L);
    AtomicReference<@Nullable Long> seen = new AtomicReference<>();
    ReentrantLock section = store.parts().commits().section;
    Thread reader;
    section.lock();
    try {
      winner.writes().publish(store.engine().log().endLsn()); // the first half of a publication
      reader =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try (WriteTx tx = store.beginWrite()) {
                      seen.set(tx.tree(TREE).remove("k"));
                    } catch (StorageException abandoned) {
                      // the test is over
                    }
                  });
      while (!section.hasQueuedThread(reader) && reader.isAlive()) {
        Thread.onSpinWait();
      }
      assertNull(seen.get(), "it has read before the winner could be found");
      assertTrue(reader.isAlive());
    } finally {
      section.unlock();
    }
    store.abandon();
    reader.join();
  }

  @Test
  void aTransactionBegunByHandInsideAWriteIsRefusedAtOnceToo() {
    try (Store store = Store.open(dir, OPTIONS)) {
      store.write(
          tx -> {
            tx.tree(TREE).put("k", 1L);
            try (WriteTx nested = store.beginWrite()) {
              assertThrows(ConflictException.class, () -> nested.tree(TREE).put("k", 2L));
            }
          });
      assertEquals(1L, get(store, "k"));
    }
  }

  @Test
  void aWriteInsideAWriteOnAnotherKeyIsIndependent() {
    try (Store store = Store.open(dir, OPTIONS)) {
      store.write(
          tx -> {
            tx.tree(TREE).put("k", 1L);
            store.write(nested -> nested.tree(TREE).put("l", 2L));
          });
      assertEquals(1L, get(store, "k"));
      assertEquals(2L, get(store, "l"));
    }
  }

  /** outer owns k; the other owns l and waits for k; the one inside outer wants l. */
  @Test
  void aDeadlockThroughAThreadIsNoticed() throws Exception {
    try (Store store = Store.open(dir, OPTIONS);
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      CountDownLatch ownsK = new CountDownLatch(1);
      CountDownLatch ownsL = new CountDownLatch(1);
      Future<?> other =
          thread.submit(
              () ->
                  store.writeAndGet(
                      tx -> {
                        tx.tree(TREE).put("l", 1L);
                        ownsL.countDown();
                        ownsK.await();
                        tx.tree(TREE).put("k", 1L);
                        return Boolean.TRUE;
                      }));
      int[] attempts = {0};
      store.write(
          tx -> {
            attempts[0]++;
            ownsL.await();
            tx.tree(TREE).put("k", 2L);
            ownsK.countDown();
            store.write(nested -> nested.tree(TREE).put("l", 2L));
          });
      other.get();
      assertTrue(attempts[0] <= 2, "it waits for the winner: " + attempts[0]);
      Long k = Objects.requireNonNull(get(store, "k"));
      assertTrue(k == 1L || k == 2L, "k is " + k);
    }
  }

  /** The owner may have been forgotten: the message leads to it. */
  @Test
  void aWaitThatIsOverNamesTheTreeTheOwnerAndWhoBeganIt() {
    StoreOptions impatient = OPTIONS.withConflictWait(Duration.ofMillis(50));
    try (Store store = Store.open(dir, impatient);
        WriteTx forgotten = store.beginWrite();
        WriteTx late = store.beginWrite()) {
      forgotten.tree(TREE).put("k", 1L);
      ConflictException e =
          assertThrows(ConflictException.class, () -> late.tree(TREE).put("k", 2L));
      String message = String.valueOf(e.getMessage());
      String owner = "tree 't' that transaction " + forgotten.id() + " (begun by this very thread)";
      assertTrue(message.contains(owner), message);
      assertTrue(message.contains("conflictWait"), message);
      assertTrue(e.isRetryable());
    }
  }

  /** What it reads is changed in each attempt; the last conflict reaches the caller. */
  @Test
  void aClosureThatAlwaysMeetsAConflictRunsAsOftenAsTheOptionsSay() {
    try (Store store = Store.open(dir, OPTIONS.withMaxAttempts(4))) {
      store.write(tx -> tx.tree(TREE).put("read", 0L));
      int[] attempts = {0};
      ConflictException last =
          assertThrows(
              ConflictException.class,
              () ->
                  store.write(
                      tx -> {
                        attempts[0]++;
                        tx.tree(TREE).get("read");
                        store.write(other -> other.tree(TREE).addAndGet("read", 1));
                        tx.tree(TREE).put("written", 1L);
                      }));
      assertEquals(4, attempts[0]);
      assertTrue(last.isRetryable());
      assertEquals("conflict", last.code());
      assertEquals(4L, store.get(TREE, "read"));
      assertNull(store.get(TREE, "written"));
      assertEquals(0, store.stats().activeTransactions());
    }
  }

  @Test
  void aRetryWaitsUntilTheWinnerHasEnded() throws Exception {
    try (Store store = Store.open(dir, OPTIONS);
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      WriteTransaction winner = (WriteTransaction) store.beginWrite();
      winner.tree(TREE).put("a", 1L);
      CountDownLatch ownsB = new CountDownLatch(1);
      int[] attempts = {0};
      Future<?> loser =
          thread.submit(
              () ->
                  store.write(
                      tx -> {
                        attempts[0]++;
                        tx.tree(TREE).put("b", 2L);
                        ownsB.countDown();
                        tx.tree(TREE).put("a", 2L);
                      }));
      ownsB.await();
      winner.tree(TREE).put("b", 1L); // waits, or closes the cycle: the loser is the younger
      winner.commit();
      loser.get();
      assertTrue(attempts[0] <= 2, "attempts: " + attempts[0]);
      assertEquals(2L, get(store, "a"));
      assertEquals(2L, get(store, "b"));
    }
  }

  @Test
  void writersThatLockManyKeysInRandomOrderAllFinishWithinTheirAttempts() throws Exception {
    int threads = 8;
    int rounds = 40;
    int keys = 12;
    int each = 6;
    List<Future<?>> all = new ArrayList<>();
    try (Store store = Store.open(dir, OPTIONS);
        ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (int t = 0; t < threads; t++) {
        SplittableRandom random = new SplittableRandom(SEED + t);
        all.add(
            pool.submit(
                () -> {
                  for (int round = 0; round < rounds; round++) {
                    store.write(tx -> addToSome(tx.tree(TREE), random, keys, each));
                  }
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
      long sum = 0;
      for (int k = 0; k < keys; k++) {
        Long value = get(store, "k" + k);
        sum += value == null ? 0 : value;
      }
      assertEquals((long) threads * rounds * each, sum, "seed " + SEED);
    }
  }

  private static void addToSome(
      Tree<String, Long> tree, SplittableRandom random, int keys, int count) {
    for (int i = 0; i < count; i++) {
      String key = "k" + random.nextInt(keys);
      tree.put(key, add(tree.remove(key)));
    }
  }

  private static long add(@Nullable Long value) {
    return value == null ? 1 : value + 1;
  }

  private static @Nullable Long get(Store store, String key) {
    return store.<@Nullable Long, RuntimeException>read(tx -> tx.tree(TREE).get(key));
  }
}
