package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.recovery.TransactionDoomedException;
import dev.redoubt.recovery.TransactionTooLargeException;
import dev.redoubt.wal.LogOptions;
import dev.redoubt.wal.LogStats;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The store at the cap of its log: named errors for those in the way, progress for the others. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class WalCapStoreTest {
  private static final long CAP = 768 << 10;
  private static final TreeDef<String, String> TREE =
      TreeDef.of("tree", Codecs.UTF_8, Codecs.UTF_8);

  @TempDir Path directory;

  private static StoreOptions options(boolean background) {
    return StoreOptions.defaults()
        .withDurability(Durability.ASYNC)
        .withConflictWait(Duration.ofSeconds(5))
        .withEngine(
            StoreOptions.defaults()
                .engine()
                .withPageSize(4096)
                .withFrames(64)
                .withBackground(background)
                .withMaxWalBytes(CAP)
                .withLog(
                    LogOptions.defaults().withSegmentBytes(64 << 10).withBuffers(2, 16 << 10)));
  }

  private static long retained(Store store) {
    LogStats stats = store.engine().log().stats();
    return stats.endLsn() - stats.startLsn() + stats.reservedBytes();
  }

  /** However long it is held: its cost is memory, which the figures show, and nothing else. */
  @Test
  void anOldSnapshotHoldsNeitherLogNorWriters() {
    try (Store store = Store.open(directory, options(true))) {
      store.write(tx -> tx.tree(TREE).put("busy", "first"));
      ReadTx old = store.beginRead();
      assertEquals("first", old.tree(TREE).get("busy"));
      for (int i = 0; i < 4; i++) {
        workPastTheCap(store);
      }
      assertTrue(store.engine().log().stats().startLsn() > 4 * CAP, "the log was recycled");
      assertEquals("first", old.tree(TREE).get("busy"));
      VersionStats seen = store.stats().versions();
      SnapshotHolder holder = seen.oldestSnapshot();
      assertTrue(holder != null && holder.age().isPositive(), seen::toString);
      assertEquals(Thread.currentThread().toString(), holder == null ? "" : holder.thread());
      assertTrue(seen.lastCommitLsn() - seen.oldestSnapshotLsn() > 4 * CAP, seen::toString);
      assertTrue(seen.keptBytes() > 0, seen::toString);
      assertEquals(0, seen.snapshotsGivenUp());
      old.close();
      assertEquals(0, store.stats().versions().snapshots());
    }
  }

  private static void workPastTheCap(Store store) {
    long until = store.engine().log().endLsn() + 2 * CAP;
    for (int i = 0; store.engine().log().endLsn() < until; i++) {
      String value = "value " + i;
      store.write(tx -> tx.tree(TREE).put("busy", value));
      assertTrue(retained(store) <= CAP, () -> "retained " + retained(store));
    }
  }

  @Test
  void idleTransactionGivesItsKeysUpWhenItIsRolledBackAtTheCap() {
    try (Store store = Store.open(directory, options(false))) {
      WriteTx idle = store.beginWrite();
      idle.tree(TREE).put("mine", "unfinished");
      workPastTheCap(store);
      store.write(tx -> tx.tree(TREE).put("mine", "of another"));
      assertThrows(TransactionDoomedException.class, () -> idle.tree(TREE).get("mine"));
      assertThrows(TransactionDoomedException.class, idle::commit);
      idle.rollback();
      idle.close();
      assertEquals("of another", store.read(tx -> tx.tree(TREE).get("mine")));
      assertTrue(store.verify(_ -> {}).ok());
    }
  }

  @Test
  void transactionTooLargeForTheCapIsToldAndTheStoreGoesOn() {
    try (Store store = Store.open(directory, options(false))) {
      try (WriteTx large = store.beginWrite()) {
        TransactionTooLargeException refused =
            assertThrows(
                TransactionTooLargeException.class,
                () -> {
                  for (int i = 0; i < 100_000; i++) {
                    large.tree(TREE).put("key " + i, "x".repeat(100));
                  }
                });
        assertTrue(
            String.valueOf(refused.getMessage()).contains("maxWalBytes"), refused.getMessage());
        large.rollback();
      }
      assertNull(store.read(tx -> tx.tree(TREE).get("key 0")));
      workPastTheCap(store);
      assertThrows(
          TooLargeException.class,
          () -> store.write(tx -> tx.tree(TREE).put("v", "x".repeat((int) CAP / 4 + 1))));
      store.write(tx -> tx.tree(TREE).put("v", "x".repeat((int) CAP / 8)));
      assertTrue(store.verify(_ -> {}).ok());
    }
  }

  @Test
  void workThatIsDoomedIsRunAgain() {
    try (Store store = Store.open(directory, options(false))) {
      AtomicInteger runs = new AtomicInteger();
      store.write(
          tx -> {
            tx.tree(TREE).put("slow", "run " + runs.incrementAndGet());
            if (runs.get() == 1) {
              Thread other = Thread.ofPlatform().start(() -> workPastTheCap(store));
              join(other);
            }
            tx.tree(TREE).put("slower", "done");
          });
      assertEquals(2, runs.get());
      assertEquals("run 2", store.read(tx -> tx.tree(TREE).get("slow")));
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Writers, idlers, large transactions and scans at once: no deadlock, the cap holds. */
  @Test
  @SuppressWarnings("ThreadPriorityCheck") // nobody signals these figures
  void manyAtOnceStayWithinTheCap() throws InterruptedException {
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong most = new AtomicLong();
    AtomicInteger commits = new AtomicInteger();
    AtomicInteger doomed = new AtomicInteger();
    AtomicInteger tooLarge = new AtomicInteger();
    try (Store store = Store.open(directory, options(true))) {
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 6; t++) {
        int self = t;
        Thread.Builder builder = t % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual();
        threads.add(
            builder.start(
                () -> {
                  try {
                    for (int i = 0; !stop.get(); i++) {
                      if (self == 0) {
                        idleOrLarge(store, i, stop, doomed, tooLarge);
                      } else {
                        String key = "key " + self + " " + i % 200;
                        store.write(tx -> tx.tree(TREE).put(key, "x".repeat(self * 60)));
                        commits.incrementAndGet();
                      }
                      most.accumulateAndGet(retained(store), Math::max);
                    }
                  } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                    stop.set(true);
                  }
                }));
      }
      while (!stop.get() && doomed.get() + tooLarge.get() < 6) {
        Thread.yield();
      }
      stop.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
      assertNull(failure.get(), () -> String.valueOf(failure.get()));
      assertTrue(most.get() <= CAP, "retained " + most);
      assertTrue(store.verify(_ -> {}).ok());
    }
    System.out.println(
        commits + " commits, " + doomed + " doomed, " + tooLarge + " too large, most " + most);
  }

  @SuppressWarnings("ThreadPriorityCheck") // nobody signals the end of the log
  private static void idleOrLarge(
      Store store, int i, AtomicBoolean stop, AtomicInteger doomed, AtomicInteger tooLarge) {
    try (WriteTx tx = store.beginWrite()) {
      tx.tree(TREE).put("pin", "" + i);
      if (i % 2 == 0) {
        long end = store.engine().log().endLsn();
        while (store.engine().log().endLsn() < end + 2 * CAP && !stop.get()) {
          Thread.yield();
        }
        tx.tree(TREE).put("pin", "again");
      } else {
        for (int k = 0; k < 20_000 && !stop.get(); k++) {
          tx.tree(TREE).put("large " + k, "x".repeat(300));
        }
      }
      tx.commit();
    } catch (TransactionDoomedException e) {
      doomed.incrementAndGet();
    } catch (TransactionTooLargeException e) {
      tooLarge.incrementAndGet();
    }
  }
}
