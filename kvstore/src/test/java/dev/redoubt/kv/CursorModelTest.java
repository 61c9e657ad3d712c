package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.recovery.EngineOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cursors and navigation against a map, while other threads split and merge the leaves that the
 * cursors stand in: a snapshot must not notice, and a read-write transaction sees its own writes on
 * top of it.
 */
final class CursorModelTest {
  private static final long SEED = 20261128;
  private static final int KEYS = 3000;
  private static final int STEPS = 800;
  private static final TreeDef<Long, byte[]> TREE = TreeDef.of("t", Codecs.INT64, Codecs.BYTES);

  private static final StoreOptions SMALL_PAGES =
      TestPages.OPTIONS
          .withDurability(Durability.ASYNC)
          .withIsolation(Isolation.SNAPSHOT)
          .withEngine(EngineOptions.defaults().withPageSize(4096));

  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicLong waves = new AtomicLong();

  /**
   * A transaction beside the walk for some steps of it, so that versions stay within their budget.
   */
  private final Semaphore transactions = new Semaphore(0);

  @Test
  void cursorsAgreeWithAMapWhileLeavesSplitAndMerge(@TempDir Path dir) throws Exception {
    try (Store store = Store.open(dir, SMALL_PAGES);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      store.write(tx -> tx.tree(TREE).put(0L, new byte[500]));
      List<Future<?>> churning = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        int number = i;
        churning.add(threads.submit(() -> churn(store, number)));
      }
      try {
        for (int round = 0; round < 4 || (waves.get() < 4 && round < 50); round++) {
          Random random = new Random(SEED + round);
          try (ReadTx tx = store.beginRead()) {
            ReadTree<Long, byte[]> tree = tx.tree(TREE);
            new Walk(tree, null, contents(tree), random, transactions, "reader " + round).run();
          }
          try (WriteTx tx = store.beginWrite()) {
            Tree<Long, byte[]> tree = tx.tree(TREE);
            new Walk(tree, tree, contents(tree), random, transactions, "writer " + round).run();
            tx.commit();
          }
        }
        assertTrue(waves.get() >= 4, "the tree has hardly been grown and shrunk: " + waves);
      } finally {
        stop.set(true);
        transactions.release(churning.size());
      }
      for (Future<?> each : churning) {
        finished(each);
      }
      assertEquals(List.of(), store.verify(pages -> {}).problems());
    }
  }

  private static void finished(Future<?> churn) throws InterruptedException {
    try {
      churn.get();
    } catch (ExecutionException e) {
      throw new AssertionError("a thread beside it failed", e.getCause());
    }
  }

  /** Fills a third of the keys in a few waves, and empties it again: keys of its own. */
  private void churn(Store store, int number) {
    Random random = new Random(SEED - 1 - number);
    while (!stop.get()) {
      for (int wave = 0; wave < 2; wave++) {
        boolean fill = wave == 0;
        for (int i = 0; i < 40 && !stop.get(); i++) {
          transactions.acquireUninterruptibly();
          store.write(
              tx -> {
                for (int k = 0; k < 20; k++) {
                  long key = random.nextInt(KEYS / 3) * 3L + number;
                  if (fill) {
                    tx.tree(TREE).put(key, new byte[random.nextInt(400)]);
                  } else {
                    tx.tree(TREE).remove(key);
                  }
                }
              });
        }
        waves.incrementAndGet();
      }
    }
  }

  private static NavigableMap<Long, Integer> contents(ReadTree<Long, byte[]> tree) {
    NavigableMap<Long, Integer> contents = new TreeMap<>();
    for (Map.Entry<Long, byte[]> each : tree.range(KeyRange.all())) {
      contents.put(each.getKey(), each.getValue().length);
    }
    return contents;
  }

  /** One walk of a cursor, with writes of its own if it may. */
  private record Walk(
      ReadTree<Long, byte[]> tree,
      @Nullable Tree<Long, byte[]> writable,
      NavigableMap<Long, Integer> model,
      Random random,
      Semaphore transactions,
      String name) {
    void run() {
      Cursor<Long, byte[]> cursor = tree.cursor();
      @Nullable Long at = null;
      for (int step = 0; step < STEPS; step++) {
        long key = random.nextInt(KEYS);
        transactions.release(step % 3 == 0 ? 1 : 0);
        String here = name + ", step " + step + ", seed " + SEED;
        int what = random.nextInt(writable == null ? 12 : 16);
        if (what < 6) {
          at = place(cursor, what, key, here);
        } else if (what < 10) {
          for (int i = 0; i < 30; i++) {
            at = step(cursor, at, what < 8, here);
          }
        } else if (what < 12) {
          navigate(what == 10, key, here);
        } else {
          write(key);
        }
      }
    }

    private @Nullable Long place(Cursor<Long, byte[]> cursor, int what, long key, String here) {
      boolean found =
          switch (what) {
            case 0 -> cursor.ceiling(key);
            case 1 -> cursor.higher(key);
            case 2 -> cursor.floor(key);
            case 3 -> cursor.lower(key);
            case 4 -> key % 2 == 0 ? cursor.first() : cursor.last();
            default -> cursor.seek(key);
          };
      @Nullable Long expected =
          switch (what) {
            case 0 -> model.ceilingKey(key);
            case 1 -> model.higherKey(key);
            case 2 -> model.floorKey(key);
            case 3 -> model.lowerKey(key);
            case 4 -> model.isEmpty() ? null : key % 2 == 0 ? model.firstKey() : model.lastKey();
            default -> model.containsKey(key) ? key : null;
          };
      return check(cursor, found, expected, here);
    }

    private @Nullable Long step(
        Cursor<Long, byte[]> cursor, @Nullable Long at, boolean up, String here) {
      if (at == null) { // the cursor is put back where the model knows where it is
        return check(cursor, cursor.ceiling(0L), model.ceilingKey(0L), here);
      }
      @Nullable Long expected = up ? model.higherKey(at) : model.lowerKey(at);
      return check(cursor, up ? cursor.next() : cursor.previous(), expected, here);
    }

    private @Nullable Long check(
        Cursor<Long, byte[]> cursor, boolean found, @Nullable Long expected, String here) {
      assertEquals(expected, found ? cursor.key() : null, here);
      if (expected != null) {
        assertEquals(model.get(expected), cursor.value().length, here);
      }
      return expected;
    }

    private void navigate(boolean up, long key, String here) {
      Map.Entry<Long, byte[]> found = up ? tree.ceiling(key) : tree.floor(key);
      assertEquals(
          up ? model.ceilingKey(key) : model.floorKey(key),
          found == null ? null : found.getKey(),
          here);
    }

    /** Of the keys that nobody else writes. */
    private void write(long key) {
      long mine = key / 3 * 3 + 2;
      Tree<Long, byte[]> into = writable;
      if (into != null && random.nextInt(3) > 0) {
        int length = random.nextInt(2000); // some lie in chains of their own
        into.put(mine, new byte[length]);
        model.put(mine, length);
      } else if (into != null) {
        into.remove(mine);
        model.remove(mine);
      }
    }
  }
}
