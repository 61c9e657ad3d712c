package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.recovery.RestartMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bank that is open again while transfers of before the crash are undone, with all threads. */
final class InstantRestartStressTest {
  private static final TreeDef<Long, Long> ACCOUNTS =
      TreeDef.of("accounts", Codecs.INT64, Codecs.INT64);

  private static final int COUNT = 2_000;
  private static final long BALANCE = 100;
  private static final int LOSERS = 3;
  private static final int TRANSFERS = 300;
  private static final int THREADS = 4;

  private static final StoreOptions OPTIONS =
      TestPages.OPTIONS.withEngine(TestPages.OPTIONS.engine().withRestart(RestartMode.INSTANT));

  @TempDir Path dir;

  @Test
  void noMoneyIsMadeOrLostWhileLosersAreUndone() throws Exception {
    Store first = Store.open(dir, OPTIONS);
    first.write(
        tx -> {
          for (long i = 0; i < COUNT; i++) {
            tx.tree(ACCOUNTS).put(i, BALANCE);
          }
        });
    for (int crash = 0; crash < 3; crash++) {
      leaveLosers(first, crash);
      first.abandon();
      first = Store.open(dir, OPTIONS);
      assertTrue(first.engine().restart().losersLeft() > 0 || first.engine().restart().isOver());
      bank(first, crash);
    }
    first.engine().restart().await();
    assertEquals(List.of(), first.engine().unfinished());
    assertEquals(COUNT * BALANCE, total(first));
    assertEquals(List.of(), first.verify(pages -> {}).problems());
    first.close();
  }

  /** Each has taken from many accounts what it has not given to others yet. */
  private static void leaveLosers(Store store, int crash) {
    List<WriteTx> losers = new ArrayList<>();
    for (int loser = 0; loser < LOSERS; loser++) {
      losers.add(store.beginWrite());
    }
    for (long i = 0; i < COUNT; i++) {
      if (i % (LOSERS + 1) < LOSERS) {
        Tree<Long, Long> tree = losers.get((int) (i % (LOSERS + 1))).tree(ACCOUNTS);
        if (i % 5 == crash) {
          tree.remove(i);
        } else {
          tree.put(i, -1_000_000L);
          tree.put(COUNT + i, 7L);
        }
      }
    }
    store.engine().log().forceAll();
  }

  private static void bank(Store store, int seed) throws Exception {
    AtomicInteger done = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        SplittableRandom random = new SplittableRandom(31L * seed + thread);
        boolean reader = thread == 0;
        all.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < TRANSFERS / (reader ? 15 : 1); i++) {
                    if (reader) {
                      assertEquals(COUNT * BALANCE, total(store));
                    } else {
                      transfer(store, random.nextInt(COUNT), random.nextInt(COUNT));
                    }
                    done.incrementAndGet();
                  }
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
    assertTrue(done.get() > TRANSFERS);
  }

  private static void transfer(Store store, long from, long to) {
    store.write(
        tx -> {
          Tree<Long, Long> tree = tx.tree(ACCOUNTS);
          tree.put(from, tree.find(from).orElseThrow() - 1);
          tree.put(to, tree.find(to).orElseThrow() + 1);
        });
  }

  private static long total(Store store) {
    return store.<Long, RuntimeException>read(
        tx -> {
          long sum = 0;
          int count = 0;
          for (Map.Entry<Long, Long> each : tx.tree(ACCOUNTS).range(KeyRange.all())) {
            sum += each.getValue();
            count++;
          }
          assertEquals(COUNT, count);
          return sum;
        });
  }
}
