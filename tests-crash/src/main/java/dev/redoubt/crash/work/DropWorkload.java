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

/**
 * Trees that are made, filled and dropped, the last by the transaction that fills the next, some
 * under an old snapshot, some drops rolled back: after any crash exactly one generation is there,
 * and no page is lost.
 *
 * @param options of the store
 * @param generations how many trees
 */
public record DropWorkload(StoreOptions options, int generations) implements Workload<Contents> {
  private static final int ENTRIES = 24;
  private static final int LARGE_BYTES = 6000;

  @Override
  public String name() {
    return "drops";
  }

  @Override
  public Contents emptyState() {
    return Contents.empty();
  }

  private static TreeDef<Long, String> tree(int generation) {
    return TreeDef.of("t" + generation, Codecs.INT64, Codecs.UTF_8);
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
          tx.dropTree("t" + (generation - 1));
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

  /** Makes the next generation and drops the last one. */
  private static void next(Store store, int generation, PrefixOracle<Contents> oracle) {
    try (WriteTx tx = store.beginWrite()) {
      String last = "t" + (generation - 1);
      Savepoint savepoint = tx.savepoint();
      if (generation % 4 == 2) {
        tx.dropTree(last);
        tx.rollbackTo(savepoint);
      }
      Contents filled = filled(generation);
      filled.entries().forEach((key, value) -> tx.tree(tree(generation)).put((long) key, value));
      tx.dropTree(last);
      oracle.attempt(filled);
      tx.commit();
      oracle.acknowledge();
    }
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

  private static int newest(Store store) {
    return store.listTrees().stream()
        .mapToInt(name -> Integer.parseInt(name.substring(1)))
        .filter(each -> store.<Long, RuntimeException>read(tx -> tx.tree(tree(each)).count()) > 0)
        .max()
        .orElse(0);
  }

  /** The entries of the one tree that is not empty. */
  private static Contents contents(Store store) {
    TreeMap<Integer, String> entries = new TreeMap<>();
    List<String> names = store.listTrees();
    store.view(
        tx -> {
          for (String name : names) {
            int generation = Integer.parseInt(name.substring(1));
            for (Map.Entry<Long, String> each : tx.tree(tree(generation)).range(KeyRange.all())) {
              if (entries.put(each.getKey().intValue(), each.getValue()) != null) {
                throw new AssertionError("two generations are there: " + names);
              }
            }
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
