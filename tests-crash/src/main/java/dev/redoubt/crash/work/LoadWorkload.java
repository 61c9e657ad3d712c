package dev.redoubt.crash.work;

import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.crash.sweep.PrefixOracle;
import dev.redoubt.crash.sweep.Workload;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.KeyRange;
import dev.redoubt.kv.ReadTx;
import dev.redoubt.kv.Savepoint;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import dev.redoubt.recovery.RecoveryListener;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A tree that is cleared and loaded anew by each transaction, some under an old snapshot, some
 * after a load that was rolled back or broke off: after any crash exactly one generation is there,
 * and no page is lost.
 *
 * @param options of the store
 * @param generations how many loads
 */
public record LoadWorkload(StoreOptions options, int generations) implements Workload<Contents> {
  private static final TreeDef<Long, String> TREE = TreeDef.of("t", Codecs.INT64, Codecs.UTF_8);
  private static final int ENTRIES = 40;
  private static final int LARGE_BYTES = 6000;

  @Override
  public String name() {
    return "loads";
  }

  @Override
  public Contents emptyState() {
    return Contents.empty();
  }

  private static Contents filled(int generation) {
    TreeMap<Integer, String> entries = new TreeMap<>();
    for (int i = 0; i < ENTRIES; i++) {
      int bytes = i % 9 == 4 ? LARGE_BYTES : 10 + i * 13 % 300;
      entries.put(i, generation + "." + "x".repeat(bytes));
    }
    return new Contents(entries);
  }

  private Store open(Disk disk, Environment environment) {
    return Store.open(disk, environment, options, RecoveryListener.NONE);
  }

  @Override
  public void run(SimDisk disk, long seed, PrefixOracle<Contents> oracle) {
    disk.phase("create");
    Store store = open(disk, SimEnvironment.withoutThreads(seed));
    disk.phase("work");
    for (int generation = 1; generation <= generations; generation++) {
      ReadTx old = store.beginRead();
      if (generation % 3 == 0) {
        try (WriteTx tx = store.beginWrite()) {
          tx.tree(TREE).clear();
          load(tx, filled(generation));
        }
      }
      next(store, generation, oracle);
      store.engine().pool().cleanSome(3);
      if (generation % 2 == 0) {
        store.checkpoint();
      }
      old.close();
    }
    disk.phase("close");
    store.close();
  }

  private static void load(WriteTx tx, Contents contents) {
    tx.tree(TREE)
        .bulkLoad(
            contents.entries().entrySet().stream()
                .map(each -> Map.entry((long) each.getKey(), each.getValue()))
                .iterator());
  }

  /** Puts the next generation in the place of the last. */
  private static void next(Store store, int generation, PrefixOracle<Contents> oracle) {
    try (WriteTx tx = store.beginWrite()) {
      Savepoint savepoint = tx.savepoint();
      if (generation % 4 == 2) {
        tx.tree(TREE).clear();
        load(tx, filled(generation + 1));
        tx.rollbackTo(savepoint);
      }
      tx.tree(TREE).clear();
      if (generation % 4 == 3) {
        breakOff(tx);
      }
      Contents filled = filled(generation);
      load(tx, filled);
      oracle.attempt(filled);
      tx.commit();
      oracle.acknowledge();
    }
  }

  /** The last of the entries is out of order. */
  private static void breakOff(WriteTx tx) {
    Stream<Map.Entry<Long, String>> entries =
        Stream.concat(
            LongStream.range(0, ENTRIES).mapToObj(key -> Map.entry(key, "y".repeat(200))),
            Stream.of(Map.entry(0L, "")));
    try {
      tx.tree(TREE).bulkLoad(entries.iterator());
    } catch (IllegalArgumentException refused) {
      return;
    }
    throw new AssertionError("entries out of order were loaded");
  }

  @Override
  public void recover(SimDisk disk, long seed, PrefixOracle<Contents> oracle) {
    Store store = open(disk, SimEnvironment.withoutThreads(seed + 1));
    boolean closed = false;
    try {
      oracle.observe(contents(store));
      verify(store);
      disk.phase("after recovery");
      next(store, 1 + newest(store), oracle);
      verify(store);
      if (oracle.attempted() % 2 == 0) {
        closed = true;
        store.close();
      }
    } finally {
      if (!closed) {
        store.abandon();
      }
    }
  }

  /** The generation that is there; 0 if the tree is empty. */
  private static int newest(Store store) {
    String first = store.get(TREE, 0L);
    return first == null ? 0 : Integer.parseInt(first.substring(0, first.indexOf('.')));
  }

  private static Contents contents(Store store) {
    TreeMap<Integer, String> entries = new TreeMap<>();
    store.view(
        tx -> {
          for (Map.Entry<Long, String> each : tx.tree(TREE).range(KeyRange.all())) {
            entries.put(each.getKey().intValue(), each.getValue());
          }
        });
    return new Contents(entries);
  }

  private static void verify(Store store) {
    List<String> problems = store.verify(_ -> {}).problems();
    if (!problems.isEmpty()) {
      throw new AssertionError("the store is not sound: " + problems);
    }
  }
}
