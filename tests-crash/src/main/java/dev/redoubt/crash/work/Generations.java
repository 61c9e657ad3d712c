package dev.redoubt.crash.work;

import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.disk.SimEnvironment;
import dev.redoubt.crash.sweep.PrefixOracle;
import dev.redoubt.crash.sweep.Workload;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.kv.KeyRange;
import dev.redoubt.kv.ReadTx;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.recovery.RecoveryListener;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A workload in which each generation of entries takes the place of the last as a whole: after any
 * crash exactly one is there, and no page is lost. Subclasses say how.
 */
abstract class Generations implements Workload<Contents> {
  private static final int LARGE_BYTES = 6000;

  private final StoreOptions options;
  private final int count;

  Generations(StoreOptions options, int count) {
    this.options = options;
    this.count = count;
  }

  /** What is done before every third generation, and comes to nothing. */
  abstract void inVain(Store store, int generation);

  /** Puts the next generation in the place of the last, as one transaction. */
  abstract void next(Store store, int generation, PrefixOracle<Contents> oracle);

  /** The generation that is there; 0 if none is. */
  abstract int newest(Store store);

  /** What the store holds. */
  abstract Contents contents(Store store);

  /** Entries of a generation, some of them large. */
  static Contents filled(int generation, int entries) {
    TreeMap<Integer, String> filled = new TreeMap<>();
    for (int i = 0; i < entries; i++) {
      int bytes = i % 9 == 4 ? LARGE_BYTES : 10 + i * 13 % 300;
      filled.put(i, generation + "." + "x".repeat(bytes));
    }
    return new Contents(filled);
  }

  /** Adds the entries of a tree. */
  static void collect(ReadTx tx, TreeDef<Long, String> tree, Map<Integer, String> into) {
    for (Map.Entry<Long, String> each : tx.tree(tree).range(KeyRange.all())) {
      if (into.put(each.getKey().intValue(), each.getValue()) != null) {
        throw new AssertionError("two generations are there");
      }
    }
  }

  @Override
  public Contents emptyState() {
    return Contents.empty();
  }

  private Store open(Disk disk, Environment environment) {
    return Store.open(disk, environment, options, RecoveryListener.NONE);
  }

  /** Some generations under an old snapshot each, with checkpoints between them. */
  @Override
  public void run(SimDisk disk, long seed, PrefixOracle<Contents> oracle) {
    disk.phase("create");
    Store store = open(disk, SimEnvironment.withoutThreads(seed));
    disk.phase("work");
    for (int generation = 1; generation <= count; generation++) {
      ReadTx old = store.beginRead();
      if (generation % 3 == 0) {
        inVain(store, generation);
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

  /** Opens, tells the oracle what is there, and goes on by a generation. */
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

  private static void verify(Store store) {
    List<String> problems = store.verify(_ -> {}).problems();
    if (!problems.isEmpty()) {
      throw new AssertionError("the store is not sound: " + problems);
    }
  }
}
