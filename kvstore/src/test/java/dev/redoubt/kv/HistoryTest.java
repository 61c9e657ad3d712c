package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.kv.History.Executed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Lists that transactions on many threads read and append to, by key and by range; the history must
 * be strictly serializable.
 */
@Timeout(300)
final class HistoryTest {
  private static final TreeDef<String, String> LISTS =
      TreeDef.of("lists", Codecs.UTF_8, Codecs.UTF_8);
  private static final int KEYS = 6;
  private static final int THREADS = 5;
  private static final int EACH = Integer.getInteger("redoubt.history.transactions", 150);
  private static final long SEED = Long.getLong("redoubt.history.seed", 20_261_124L);

  @TempDir Path dir;

  private final AtomicInteger values = new AtomicInteger();

  @Test
  void serializableHistoriesAreStrictlySerializable() throws Exception {
    for (Durability durability : Durability.values()) {
      History history = run(dir.resolve(durability.name()), Isolation.SERIALIZABLE, durability);
      assertTrue(history.size() > EACH, "committed: " + history.size());
      assertEquals(List.of(), history.cycle(), "seed " + SEED);
    }
  }

  @Test
  void theCheckerFindsTheWriteSkewOfTheWeakerLevel() {
    History history = new History();
    TransactionOptions weaker = TestPages.OPTIONS.transaction().withIsolation(Isolation.SNAPSHOT);
    try (Store store = Store.open(dir);
        WriteTx one = store.beginWrite(weaker);
        WriteTx other = store.beginWrite(weaker)) {
      Executed first = new Executed(history.now());
      Executed second = new Executed(history.now());
      first.read("k1", one.tree(LISTS).find("k1").orElse(""));
      second.read("k0", other.tree(LISTS).find("k0").orElse(""));
      append(one.tree(LISTS), first, "k0", "");
      append(other.tree(LISTS), second, "k1", "");
      one.commit();
      other.commit();
      first.end(history.now());
      second.end(history.now());
      history.add(first);
      history.add(second);
      history.end(Map.of("k0", "1,", "k1", "2,"));
    }
    assertEquals(2, history.cycle().size());
  }

  @Test
  void theCheckerTellsAStaleReadAndALongForkFromWhatIsAllowed() {
    assertFalse(hasCycle("", "1,", true), "a read beside the append may miss it");
    assertTrue(hasCycle("", "1,", false), "a read that began after the append may not");
    assertFalse(hasCycle("1,", "1,", false));
    History fork = new History();
    Map<String, String> last = Map.of("k0", "1,", "k1", "2,");
    fork.add(executed(1, 10, Map.of(), Map.of(1, "k0")));
    fork.add(executed(2, 11, Map.of(), Map.of(2, "k1")));
    fork.add(executed(3, 12, Map.of("k0", "1,", "k1", ""), Map.of()));
    fork.end(last);
    assertEquals(List.of(), fork.cycle());
    fork.add(executed(4, 13, Map.of("k0", "", "k1", "2,"), Map.of()));
    assertFalse(fork.cycle().isEmpty());
  }

  private static boolean hasCycle(String read, String last, boolean beside) {
    History history = new History();
    history.add(executed(1, 3, Map.of(), Map.of(1, "k0")));
    history.add(executed(beside ? 2 : 4, 5, Map.of("k0", read), Map.of()));
    history.end(Map.of("k0", last));
    return !history.cycle().isEmpty();
  }

  private static Executed executed(
      long begin, long end, Map<String, String> reads, Map<Integer, String> appends) {
    Executed executed = new Executed(begin);
    reads.forEach(executed::read);
    appends.forEach((value, key) -> executed.append(key, value));
    executed.end(end);
    return executed;
  }

  private History run(Path path, Isolation isolation, Durability durability) throws Exception {
    StoreOptions options =
        TestPages.OPTIONS
            .withIsolation(isolation)
            .withDurability(durability)
            .withMaxAttempts(3)
            .withConflictWait(Duration.ofSeconds(60));
    History history = new History();
    try (Store store = Store.open(path, options);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      SplittableRandom random = new SplittableRandom(SEED);
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        SplittableRandom own = random.split();
        all.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < EACH; i++) {
                    one(store, own, history);
                  }
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
      try (ReadTx tx = store.beginRead()) {
        Map<String, String> last = new LinkedHashMap<>();
        tx.tree(LISTS).range(KeyRange.all()).forEach(e -> last.put(e.getKey(), e.getValue()));
        history.end(last);
      }
      assertEquals(List.of(), store.verify(pages -> {}).problems());
    }
    return history;
  }

  private void one(Store store, SplittableRandom random, History history) {
    long begin = history.now();
    Executed executed;
    if (random.nextInt(4) == 0) {
      try (ReadTx tx = store.beginRead()) {
        executed = new Executed(begin);
        for (int k = 0; k < KEYS; k++) {
          Thread.onSpinWait();
          executed.read("k" + k, tx.tree(LISTS).find("k" + k).orElse(""));
        }
      }
    } else {
      try {
        executed = store.writeAndGet(tx -> work(tx, new Executed(begin), random));
      } catch (ConflictException givenUp) {
        return; // certainly not committed
      }
    }
    executed.end(history.now());
    history.add(executed);
  }

  private Executed work(WriteTx tx, Executed executed, SplittableRandom random) {
    Tree<String, String> lists = tx.tree(LISTS);
    for (int i = 1 + random.nextInt(3); i >= 0; i--) {
      String key = "k" + random.nextInt(KEYS);
      switch (random.nextInt(4)) {
        case 0 -> {
          Map<String, String> seen = new LinkedHashMap<>();
          Iterable<Map.Entry<String, String>> entries =
              random.nextBoolean() ? lists.range(KeyRange.all()) : lists.descending(KeyRange.all());
          entries.forEach(each -> seen.put(each.getKey(), each.getValue()));
          for (int k = 0; k < KEYS; k++) {
            executed.read("k" + k, seen.getOrDefault("k" + k, ""));
          }
        }
        case 1 -> {
          String list = lists.remove(key); // a locking read
          executed.read(key, list == null ? "" : list);
          append(lists, executed, key, list == null ? "" : list);
        }
        case 2 -> {
          String list = lists.find(key).orElse("");
          executed.read(key, list);
          append(lists, executed, key, list);
        }
        default -> executed.read(key, lists.find(key).orElse(""));
      }
      Thread.onSpinWait();
    }
    return executed;
  }

  private void append(Tree<String, String> lists, Executed executed, String key, String list) {
    int value = values.incrementAndGet();
    lists.put(key, list + value + ",");
    executed.append(key, value);
  }
}
