package dev.redoubt.crash.store;

import dev.redoubt.crash.history.Elements;
import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Value;
import dev.redoubt.crash.workload.AbortedException;
import dev.redoubt.crash.workload.Client;
import dev.redoubt.io.StorageException;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.KeyRange;
import dev.redoubt.kv.ReadTree;
import dev.redoubt.kv.ReadTx;
import dev.redoubt.kv.Savepoint;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.TransactionOptions;
import dev.redoubt.kv.Tree;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A client of a store in this process. Values live in one tree, as their texts; what is only ever
 * added to lives in another one, as numbers. A key is in one of them.
 */
public final class StoreClient implements Client {
  private static final TreeDef<String, String> TREE =
      TreeDef.of("keys", Codecs.UTF_8, Codecs.UTF_8);
  private static final TreeDef<String, Long> COUNTERS =
      TreeDef.of("counters", Codecs.UTF_8, Codecs.INT64);

  private final Store store;
  private final TransactionOptions options;

  /** A client whose read-write transactions run so. The store is not closed with it. */
  public StoreClient(Store store, TransactionOptions options) {
    this.store = store;
    this.options = options;
  }

  @Override
  public Tx begin(boolean readOnly) {
    return readOnly ? new ReadOnly(store.beginRead()) : new ReadWrite(store.beginWrite(options));
  }

  @Override
  public void close() {}

  private abstract static class Reading implements Tx {
    abstract ReadTree<String, String> tree();

    abstract ReadTree<String, Long> counters();

    @Override
    public @Nullable Value read(String key) {
      String text = tree().get(key);
      if (text != null) {
        return Value.parse(text);
      }
      Long number = counters().get(key);
      return number == null ? null : Value.of(number);
    }

    @Override
    public List<MicroOp.Entry> scan(String from, String to, boolean descending) {
      KeyRange<String> range = KeyRange.between(from, to);
      List<MicroOp.Entry> found = new ArrayList<>();
      for (Map.Entry<String, String> e :
          descending ? tree().descending(range) : tree().range(range)) {
        found.add(new MicroOp.Entry(e.getKey(), Value.parse(e.getValue())));
      }
      int texts = found.size();
      for (Map.Entry<String, Long> e :
          descending ? counters().descending(range) : counters().range(range)) {
        found.add(new MicroOp.Entry(e.getKey(), Value.of(e.getValue())));
      }
      if (texts > 0 && texts < found.size()) {
        Comparator<MicroOp.Entry> byKey = Comparator.comparing(MicroOp.Entry::key);
        found.sort(descending ? byKey.reversed() : byKey);
      }
      return found;
    }
  }

  private static final class ReadOnly extends Reading {
    private final ReadTx tx;

    ReadOnly(ReadTx tx) {
      this.tx = tx;
    }

    @Override
    ReadTree<String, String> tree() {
      return tx.tree(TREE);
    }

    @Override
    ReadTree<String, Long> counters() {
      return tx.tree(COUNTERS);
    }

    private static AssertionError readOnly() {
      return new AssertionError("a step that writes in a transaction that only reads");
    }

    @Override
    public void write(String key, long value) {
      throw readOnly();
    }

    @Override
    public void append(String key, long element) {
      throw readOnly();
    }

    @Override
    public void add(String key, long delta) {
      throw readOnly();
    }

    @Override
    public void savepoint(int number) {
      throw readOnly();
    }

    @Override
    public void rollbackTo(int number) {
      throw readOnly();
    }

    @Override
    public void commit() {
      tx.close();
    }

    @Override
    public void rollback() {
      tx.close();
    }
  }

  private static final class ReadWrite extends Reading {
    private final WriteTx tx;
    private final Map<Integer, Savepoint> savepoints = new HashMap<>();

    ReadWrite(WriteTx tx) {
      this.tx = tx;
    }

    @Override
    Tree<String, String> tree() {
      return tx.tree(TREE);
    }

    @Override
    Tree<String, Long> counters() {
      return tx.tree(COUNTERS);
    }

    @Override
    public void write(String key, long value) {
      tree().put(key, Value.of(value).text());
    }

    @Override
    public void append(String key, long element) {
      Elements now = read(key) instanceof Elements found ? found : Elements.of();
      tree().put(key, now.with(element).text());
    }

    @Override
    public void add(String key, long delta) {
      counters().add(key, delta);
    }

    @Override
    public void savepoint(int number) {
      savepoints.put(number, tx.savepoint());
    }

    @Override
    public void rollbackTo(int number) {
      Savepoint savepoint = savepoints.get(number);
      if (savepoint == null) {
        throw new IllegalArgumentException("no savepoint " + number);
      }
      tx.rollbackTo(savepoint);
    }

    @Override
    public void commit() {
      try {
        tx.commit();
      } catch (StorageException e) {
        if (e.isRetryable()) {
          tx.rollback();
          throw new AbortedException(e);
        }
        throw e;
      }
    }

    @Override
    public void rollback() {
      tx.close();
    }
  }
}
