package dev.redoubt.benchmarks;

import dev.redoubt.kv.Durability;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.Tree;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import dev.redoubt.recovery.EngineOptions;
import dev.redoubt.recovery.RestartMode;
import dev.redoubt.wal.Log;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The process that leaves a store with much to restart: a log of so many MiB since the last page
 * was written home, and transactions that never end, with so many updates together, in turn and
 * spread over all of that log. Prints how many updates others have made durable, then waits to be
 * killed.
 */
final class CrashedStore {
  static final TreeDef<byte[], byte[]> TREE = TreeDef.raw("figures");
  private static final int LOAD_BATCH = 1000;
  private static final int UPDATES_A_TRANSACTION = 10;
  private static final int CHECKPOINT_BYTES = 64 << 20;

  private CrashedStore() {}

  /**
   * Arguments: directory, cache bytes, entries, MiB of log, updates of losers, number of losers,
   * checkpoints.
   */
  public static void main(String[] args) throws Exception {
    long cacheBytes = Long.parseLong(args[1]);
    int entries = Integer.parseInt(args[2]);
    long logBytes = Long.parseLong(args[3]) << 20;
    long loserUpdates = Long.parseLong(args[4]);
    int losers = Integer.parseInt(args[5]);
    boolean checkpoints = Boolean.parseBoolean(args[6]);
    Store store = Store.open(Path.of(args[0]), options(cacheBytes, checkpoints, RestartMode.FULL));
    load(store, entries);
    System.out.println(fill(store, entries, logBytes, loserUpdates, losers));
    System.out.flush();
    Thread.currentThread().join();
  }

  /** No page goes home by itself, so that all of the log is to be redone. */
  static StoreOptions options(long cacheBytes, boolean checkpoints, RestartMode mode) {
    EngineOptions engine =
        StoreOptions.defaults()
            .engine()
            .withFrames((int) (cacheBytes / 8192))
            .withTargetRestartTime(Duration.ofDays(1))
            .withMaxWalBytes(1L << 50)
            .withRestart(mode);
    engine =
        checkpoints
            ? engine.withCheckpoints(CHECKPOINT_BYTES, Duration.ofDays(1))
            : engine.withCheckpoints(1L << 50, Duration.ofDays(1));
    return StoreOptions.defaults().withEngine(engine);
  }

  private static void load(Store store, int entries) {
    SplittableRandom random = new SplittableRandom(1);
    for (int from = 0; from < entries; from += LOAD_BATCH) {
      try (WriteTx tx = store.beginWrite()) {
        Tree<byte[], byte[]> tree = tx.tree(TREE);
        for (int i = from; i < Math.min(entries, from + LOAD_BATCH); i++) {
          tree.put(Keys.key(i), Keys.value(random));
        }
        tx.commit(Durability.ASYNC);
      }
    }
    store.engine().pool().flushAll();
    store.checkpoint();
  }

  /** Others write the even entries, losers the odd ones, each its own. */
  private static long fill(Store store, int entries, long logBytes, long loserUpdates, int losers) {
    Log log = store.engine().log();
    long start = log.endLsn();
    SplittableRandom random = new SplittableRandom(2);
    List<Tree<byte[], byte[]>> lost = new ArrayList<>();
    for (int i = 0; i < losers; i++) {
      lost.add(store.beginWrite().tree(TREE));
    }
    int each = entries / 2 / losers;
    long lostUpdates = 0;
    long updates = 0;
    while (log.endLsn() - start < logBytes || lostUpdates < loserUpdates) {
      if (log.endLsn() - start < logBytes) {
        try (WriteTx tx = store.beginWrite()) {
          for (int i = 0; i < UPDATES_A_TRANSACTION; i++) {
            tx.tree(TREE).put(Keys.key(2L * random.nextInt(entries / 2)), Keys.value(random));
          }
          tx.commit(Durability.ASYNC);
        }
        updates += UPDATES_A_TRANSACTION;
      }
      double share = Math.min(1, (double) (log.endLsn() - start) / logBytes);
      while (lostUpdates < share * loserUpdates) {
        int loser = (int) (lostUpdates++ % losers);
        long entry = loser + (long) losers * random.nextInt(each);
        lost.get(loser).put(Keys.key(1 + 2 * entry), Keys.value(random));
      }
    }
    log.forceAll();
    return updates;
  }
}
