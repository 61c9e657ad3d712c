package dev.redoubt.crash.work;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Durability;
import dev.redoubt.kv.KeyRange;
import dev.redoubt.kv.PreparedTransaction;
import dev.redoubt.kv.Savepoint;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreOptions;
import dev.redoubt.kv.Tree;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.VerifyReport;
import dev.redoubt.kv.WriteTx;
import dev.redoubt.recovery.RecoveryListener;
import dev.redoubt.recovery.RestartMode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The store: even keys live in one tree, odd ones in another. */
public final class StoreSubject implements Subject {
  private static final TreeDef<String, String> EVEN =
      TreeDef.of("even", Codecs.UTF_8, Codecs.UTF_8);
  private static final TreeDef<String, String> ODD = TreeDef.of("odd", Codecs.UTF_8, Codecs.UTF_8);

  /** Values from this length on, of odd keys, go in as streams. */
  private static final int STREAMED_FROM = 5000;

  private final TwoWaysOfCleaning cleaning = new TwoWaysOfCleaning();
  private final Store store;

  private StoreSubject(Store store) {
    this.store = store;
  }

  /** Options that make everything happen often: small pages, segments and ring, few frames. */
  public static StoreOptions tiny() {
    return StoreOptions.defaults()
        .withEngine(MemorySubject.tiny().withFrames(24).withRestart(RestartMode.INSTANT));
  }

  /** Opens a store with these options. */
  public static Factory factory(StoreOptions options) {
    return (disk, environment) -> open(disk, environment, options);
  }

  /** Opens a store. */
  public static StoreSubject open(Disk disk, Environment environment, StoreOptions options) {
    return new StoreSubject(Store.open(disk, environment, options, RecoveryListener.NONE));
  }

  /** The store itself. */
  public Store store() {
    return store;
  }

  @Override
  public StoreTx begin() {
    return new StoreTx(store.beginWrite());
  }

  @Override
  public void checkpoint() {
    store.checkpoint();
  }

  @Override
  public void idle() {
    if (store.engine().restart().isOver()) {
      store.engine().log().tick();
      cleaning.clean(store.engine().pool());
    } else {
      store.engine().tick(); // a step of restart, and the cleaning that goes with it
    }
  }

  @Override
  public Contents contents() {
    TreeMap<Integer, String> entries = new TreeMap<>();
    store.read(
        tx -> {
          for (TreeDef<String, String> tree : List.of(EVEN, ODD)) {
            for (Map.Entry<String, String> e : tx.tree(tree).range(KeyRange.all())) {
              entries.put(Integer.parseInt(e.getKey().substring(4)), e.getValue());
            }
          }
          return entries;
        });
    return new Contents(entries);
  }

  @Override
  public List<String> inDoubt() {
    return store.listPrepared().stream()
        .map(each -> new String(each.gtrid(), StandardCharsets.UTF_8))
        .toList();
  }

  @Override
  public void decide(String name, boolean commit) {
    for (PreparedTransaction each : store.listPrepared()) {
      if (name.equals(new String(each.gtrid(), StandardCharsets.UTF_8))) {
        if (commit) {
          store.commitPrepared(each.id());
        } else {
          store.rollbackPrepared(each.id());
        }
        return;
      }
    }
    throw new AssertionError(name + " is not in doubt: " + inDoubt());
  }

  @Override
  public void verify() {
    VerifyReport report = store.verify(_ -> {});
    if (!report.ok()) {
      throw new AssertionError("the store is not sound: " + report.problems());
    }
    if (!store.lastRecovery().quarantinedPages().isEmpty()) {
      throw new AssertionError("quarantined: " + store.lastRecovery().quarantinedPages());
    }
  }

  @Override
  public void checkClrs() {
    store.engine().log().forceAll();
    ClrOracle.check(store.engine().log());
  }

  @Override
  public void abandon() {
    store.abandon();
  }

  @Override
  public void close() {
    store.close();
  }

  private static TreeDef<String, String> treeOf(int key) {
    return key % 2 == 0 ? EVEN : ODD;
  }

  public static final class StoreTx implements Tx {
    private final WriteTx tx;

    StoreTx(WriteTx tx) {
      this.tx = tx;
    }

    WriteTx writeTx() {
      return tx;
    }

    Tree<String, String> tree(int key) {
      return tx.tree(treeOf(key));
    }

    static String name(int key) {
      return String.format("key-%06d", key);
    }

    @Override
    public void put(int key, String value) {
      if (value.length() < STREAMED_FROM || key % 2 == 0) {
        tree(key).put(name(key), value);
        return;
      }
      byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
      try {
        tree(key).putStream(name(key), new ByteArrayInputStream(bytes), bytes.length);
      } catch (IOException e) {
        throw new AssertionError("a stream of bytes in memory failed", e);
      }
    }

    @Override
    public void remove(int key) {
      tree(key).remove(name(key));
    }

    @Override
    public Object savepoint() {
      return tx.savepoint();
    }

    @Override
    public void rollbackTo(Object savepoint) {
      tx.rollbackTo((Savepoint) savepoint);
    }

    @Override
    public void commit(boolean sync) {
      tx.commit(sync ? Durability.SYNC : Durability.ASYNC);
    }

    @Override
    public void removeRange(int from, int to) {
      tx.tree(EVEN).removeRange(KeyRange.between(name(from), name(to)));
      tx.tree(ODD).removeRange(KeyRange.between(name(from), name(to)));
    }

    @Override
    public void prepare(String name) {
      if (!tx.prepare(name.getBytes(StandardCharsets.UTF_8))) {
        throw new AssertionError(name + " was prepared, and is not in doubt");
      }
    }

    @Override
    public void rollback() {
      tx.rollback();
    }
  }
}
