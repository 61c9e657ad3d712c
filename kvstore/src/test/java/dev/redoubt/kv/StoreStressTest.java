package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.wal.LogOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Money moves between accounts on many threads, in a pool far smaller than the store: values inline
 * and in chains, deletes and reinserts, savepoints, rollbacks, deadlocks; and none is made or lost.
 */
final class StoreStressTest {
  private static final TreeDef<Long, byte[]> ACCOUNTS =
      TreeDef.of("accounts", Codecs.INT64, Codecs.BYTES);
  private static final int COUNT = Integer.getInteger("redoubt.stress.accounts", 300);
  private static final int WRITERS = Integer.getInteger("redoubt.stress.writers", 4);
  private static final int TRANSACTIONS = Integer.getInteger("redoubt.stress.transactions", 150);
  private static final long SEED = Long.getLong("redoubt.stress.seed", 20_261_122L);
  private static final long OPENING_BALANCE = 100;
  private static final StoreOptions SMALL =
      TestPages.OPTIONS
          .withConflictWait(Duration.ofSeconds(60))
          .withEngine(
              TestPages.OPTIONS
                  .engine()
                  .withPageSize(4096)
                  .withFrames(64)
                  .withLog(
                      LogOptions.defaults().withSegmentBytes(1 << 20).withBuffers(4, 128 << 10)));

  /** Thrown by a transaction that is to be rolled back. */
  private static final class ChangedMind extends Exception {
    private static final long serialVersionUID = 1L;
  }

  @TempDir Path dir;

  private final CountDownLatch done = new CountDownLatch(1);

  @Test
  void transfersOnManyThreadsKeepTheTotalThroughACrash() throws Exception {
    Store store = Store.open(dir, SMALL);
    SplittableRandom random = new SplittableRandom(SEED);
    store.write(
        tx -> {
          for (long account = 0; account < COUNT; account++) {
            tx.tree(ACCOUNTS).put(account, value(OPENING_BALANCE, random));
          }
        });
    try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 3)) {
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        SplittableRandom own = random.split();
        writers.add(threads.submit(() -> transfer(store, own)));
      }
      List<Future<?>> others = new ArrayList<>();
      others.add(threads.submit(() -> scan(store, true)));
      others.add(threads.submit(() -> scan(store, false)));
      others.add(threads.submit(() -> takeCheckpoints(store)));
      try {
        for (Future<?> each : writers) {
          each.get();
        }
      } finally {
        done.countDown();
      }
      for (Future<?> each : others) {
        each.get();
      }
    }
    assertSoundAndComplete(store);
    store.engine().log().forceAll(); // versions of what is not durable are kept
    assertTimeoutPreemptively(
        Duration.ofMinutes(2),
        () -> {
          while (store.parts().keys().size() > 0) { // somebody else may be at it
            store.parts().versions().reclaim();
          }
        },
        "nobody owns a key any more, seed " + SEED);
    assertEquals(0, store.stats().versions().snapshots());
    store.abandon();
    try (Store again = Store.open(dir, SMALL)) {
      assertSoundAndComplete(again);
    }
  }

  private static Void transfer(Store store, SplittableRandom random) throws Exception {
    for (int i = 0; i < TRANSACTIONS; i++) {
      int fate = random.nextInt(10);
      try {
        if (fate == 0) {
          store.write(tx -> assertEquals(COUNT * OPENING_BALANCE, totalOwned(tx)));
        } else if (fate == 1) {
          try (WriteTx tx = store.beginWrite()) {
            move(tx, random);
            tx.commit(Durability.ASYNC);
          }
        } else {
          store.write(tx -> work(tx, random, fate));
        }
      } catch (ChangedMind | ConflictException expected) {
        // One that wants every account may lose against all others until it gives up.
      }
    }
    return null;
  }

  private static void work(WriteTx tx, SplittableRandom random, int fate) throws ChangedMind {
    move(tx, random);
    Savepoint savepoint = tx.savepoint();
    move(tx, random);
    move(tx, random);
    if (fate < 6) {
      tx.rollbackTo(savepoint);
      move(tx, random);
    }
    if (fate == 9) {
      throw new ChangedMind();
    }
  }

  /** An account without money may be missing. */
  private static void move(WriteTx tx, SplittableRandom random) {
    Tree<Long, byte[]> accounts = tx.tree(ACCOUNTS);
    long from = random.nextInt(COUNT);
    long to = (from + 1 + random.nextInt(COUNT - 1)) % COUNT;
    long available = balance(accounts.remove(from));
    long amount = random.nextInt(3) == 0 ? available : random.nextLong(available + 1);
    if (amount < available) {
      accounts.put(from, value(available - amount, random));
    }
    byte[] before = accounts.putIfAbsent(to, value(amount, random));
    if (before != null) {
      accounts.put(to, value(balance(before) + amount, random));
    }
  }

  private static long totalOwned(WriteTx tx) {
    long total = 0;
    for (long account = 0; account < COUNT; account++) {
      total += balance(tx.tree(ACCOUNTS).remove(account));
    }
    // Every account is owned now, so nobody else can change what is put back.
    for (long account = 0; account < COUNT; account++) {
      long share = total / COUNT + (account < total % COUNT ? 1 : 0);
      tx.tree(ACCOUNTS).put(account, ByteBuffer.allocate(8).putLong(share).array());
    }
    return total;
  }

  /** A balance, and now and then so much behind it that a chain of pages is needed. */
  private static byte[] value(long balance, SplittableRandom random) {
    int kind = random.nextInt(10);
    int filler = kind == 0 ? random.nextInt(20_000) : kind < 6 ? random.nextInt(300) : 0;
    byte[] value = new byte[8 + filler];
    Arrays.fill(value, (byte) balance);
    ByteBuffer.wrap(value).putLong(balance);
    return value;
  }

  private static long balance(byte @Nullable [] value) {
    if (value == null) {
      return 0;
    }
    long balance = ByteBuffer.wrap(value).getLong();
    for (int i = 8; i < value.length; i++) {
      assertEquals((byte) balance, value[i], "a value of several writers, seed " + SEED);
    }
    return balance;
  }

  private Void scan(Store store, boolean ascending) {
    while (done.getCount() > 0) {
      store.read(
          tx -> {
            ReadTree<Long, byte[]> tree = tx.tree(ACCOUNTS);
            long last = ascending ? -1 : COUNT;
            long total = 0;
            for (Map.Entry<Long, byte[]> each :
                ascending ? tree.range(KeyRange.all()) : tree.descending(KeyRange.all())) {
              assertTrue(ascending ? each.getKey() > last : each.getKey() < last);
              last = each.getKey();
              total += balance(each.getValue());
            }
            assertEquals(COUNT * OPENING_BALANCE, total, "one snapshot, seed " + SEED);
            return null;
          });
    }
    return null;
  }

  private Void takeCheckpoints(Store store) throws InterruptedException {
    while (!done.await(20, TimeUnit.MILLISECONDS)) {
      store.checkpoint();
    }
    return null;
  }

  private static void assertSoundAndComplete(Store store) {
    assertEquals(List.of(), store.verify(pages -> {}).problems(), "seed " + SEED);
    long total =
        store.<Long, RuntimeException>read(
            tx -> tx.tree(ACCOUNTS).stream().mapToLong(each -> balance(each.getValue())).sum());
    assertEquals(COUNT * OPENING_BALANCE, total, "seed " + SEED);
  }
}
