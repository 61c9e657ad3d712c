package dev.redoubt.benchmarks;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.redoubt.io.Disk;
import dev.redoubt.kv.Durability;
import dev.redoubt.kv.KeyRange;
import dev.redoubt.kv.ReadTx;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.Tree;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import dev.redoubt.recovery.EngineOptions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Redoubt: one tree, 8 KiB pages, a transaction for every operation. Without {@code durable} it
 * commits {@code ASYNC}: the log is forced within 10 ms, and a crash of the process or the machine
 * may lose that much.
 */
final class RedoubtPeer implements Peer {
  private static final TreeDef<byte[], byte[]> TREE = TreeDef.raw("figures");
  private static final int PAGE_BYTES = 8192;

  private final Store store;
  private final Durability durability;

  RedoubtPeer(Setup setup) {
    this(setup, engine(setup));
  }

  /** With an engine of the caller's, whatever the setup says of one. */
  RedoubtPeer(Setup setup, EngineOptions engine) {
    durability = setup.durable() ? Durability.SYNC : Durability.ASYNC;
    store = Store.open(setup.dir(), StoreOptions.defaults().withEngine(engine));
    store.write(tx -> tx.tree(TREE));
  }

  static EngineOptions engine(Setup setup) {
    EngineOptions engine =
        StoreOptions.defaults().engine().withFrames((int) (setup.cacheBytes() / PAGE_BYTES));
    if (setup.larger()) {
      engine = engine.withPageCaching(Disk.Caching.DIRECT);
    }
    if (setup.keepLog()) {
      engine =
          engine
              .withCheckpoints(1L << 50, Duration.ofDays(1))
              .withTargetRestartTime(Duration.ofDays(1))
              .withMaxWalBytes(1L << 50);
    }
    return engine;
  }

  Store store() {
    return store;
  }

  @Override
  public Session session() {
    return new RedoubtSession();
  }

  @Override
  public void load(byte[][] keys, byte[][] values) {
    try (WriteTx tx = store.beginWrite()) {
      Tree<byte[], byte[]> tree = tx.tree(TREE);
      for (int i = 0; i < keys.length; i++) {
        tree.put(keys[i], values[i]);
      }
      tx.commit(durability);
    }
  }

  @Override
  public void bulkLoad(byte[][] keys, int batch) {
    SplittableRandom random = new SplittableRandom(keys.length);
    try (WriteTx tx = store.beginWrite()) {
      tx.tree(TREE)
          .bulkLoad(Arrays.stream(keys).map(key -> Map.entry(key, Keys.value(random))).iterator());
      tx.commit(durability);
    }
  }

  @Override
  public void settle() {
    store.checkpoint();
  }

  @Override
  public void close() {
    store.close();
  }

  private final class RedoubtSession implements Session {
    @Override
    public void put(byte[] key, byte[] value) {
      try (WriteTx tx = store.beginWrite()) {
        tx.tree(TREE).put(key, value);
        tx.commit(durability);
      }
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
      return store.get(TREE, key);
    }

    @Override
    public int scan(byte[] from, int limit) {
      try (ReadTx tx = store.beginRead()) {
        Iterator<Map.Entry<byte[], byte[]>> entries =
            tx.tree(TREE).range(KeyRange.atLeast(from)).iterator();
        int count = 0;
        while (count < limit && entries.hasNext()) {
          entries.next();
          count++;
        }
        return count;
      }
    }

    @Override
    public int look(byte[] from, int limit) {
      int[] seen = {0, 0};
      try (ReadTx tx = store.beginRead()) {
        tx.tree(TREE)
            .scanBytes(
                KeyRange.atLeast(from),
                (key, value) -> {
                  seen[1] ^= key.get(JAVA_BYTE, 0) ^ value.get(JAVA_BYTE, 0);
                  return ++seen[0] < limit;
                });
      }
      return seen[1] > 0xff ? -1 : seen[0]; // it is not, and that is to be found out
    }
  }
}
