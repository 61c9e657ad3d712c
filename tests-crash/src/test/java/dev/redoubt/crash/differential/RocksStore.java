package dev.redoubt.crash.differential;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Transaction;
import org.rocksdb.TransactionDB;
import org.rocksdb.TransactionDBOptions;
import org.rocksdb.WriteOptions;

/** RocksDB with transactions. */
final class RocksStore implements OrderedStore {
  private final Path folder;
  private final Options options = new Options().setCreateIfMissing(true);
  private final TransactionDBOptions transactions = new TransactionDBOptions();
  private final WriteOptions write = new WriteOptions();
  private final ReadOptions read = new ReadOptions();
  private TransactionDB db;
  private @Nullable Transaction open;

  RocksStore(Path folder) {
    this.folder = folder;
    RocksDB.loadLibrary();
    db = openDb();
  }

  private interface Call<R extends @Nullable Object> {
    R run() throws RocksDBException;
  }

  private static <R extends @Nullable Object> R checked(Call<R> call) {
    try {
      return call.run();
    } catch (RocksDBException e) {
      throw new IllegalStateException("RocksDB: " + e.getMessage(), e);
    }
  }

  private TransactionDB openDb() {
    return checked(() -> TransactionDB.open(options, transactions, folder.toString()));
  }

  private Transaction tx() {
    return Objects.requireNonNull(open, "no transaction is open");
  }

  @Override
  public String name() {
    return "RocksDB";
  }

  @Override
  public void begin() {
    open = db.beginTransaction(write);
  }

  @Override
  public void commit() {
    checked(
        () -> {
          tx().commit();
          return true;
        });
    tx().close();
  }

  @Override
  public void rollback() {
    checked(
        () -> {
          tx().rollback();
          return true;
        });
    tx().close();
  }

  @Override
  public @Nullable String get(String key) {
    byte[] value = checked(() -> tx().get(read, key.getBytes(UTF_8)));
    return value == null ? null : new String(value, UTF_8);
  }

  @Override
  public void put(String key, String value) {
    checked(
        () -> {
          tx().put(key.getBytes(UTF_8), value.getBytes(UTF_8));
          return true;
        });
  }

  @Override
  public void remove(String key) {
    checked(
        () -> {
          tx().delete(key.getBytes(UTF_8));
          return true;
        });
  }

  @Override
  public List<Map.Entry<String, String>> range(
      String from, String to, boolean descending, int limit) {
    byte[] first = from.getBytes(UTF_8);
    byte[] end = to.getBytes(UTF_8);
    List<Map.Entry<String, String>> found = new ArrayList<>();
    try (RocksIterator at = tx().getIterator(read)) {
      if (descending) {
        at.seekForPrev(end);
        skipExact(at, end, false);
      } else {
        at.seek(first);
      }
      while (at.isValid()
          && found.size() < limit
          && Arrays.compareUnsigned(at.key(), first) >= 0
          && Arrays.compareUnsigned(at.key(), end) < 0) {
        found.add(entry(at));
        if (descending) {
          at.prev();
        } else {
          at.next();
        }
      }
    }
    return found;
  }

  private static void skipExact(RocksIterator at, byte[] key, boolean forward) {
    if (at.isValid() && Arrays.equals(at.key(), key)) {
      if (forward) {
        at.next();
      } else {
        at.prev();
      }
    }
  }

  private static Map.Entry<String, String> entry(RocksIterator at) {
    return Map.entry(new String(at.key(), UTF_8), new String(at.value(), UTF_8));
  }

  @Override
  public Map.@Nullable Entry<String, String> neighbour(Neighbour which, String key) {
    byte[] bytes = key.getBytes(UTF_8);
    try (RocksIterator at = tx().getIterator(read)) {
      switch (which) {
        case LOWER -> {
          at.seekForPrev(bytes);
          skipExact(at, bytes, false);
        }
        case FLOOR -> at.seekForPrev(bytes);
        case CEILING -> at.seek(bytes);
        case HIGHER -> {
          at.seek(bytes);
          skipExact(at, bytes, true);
        }
      }
      return at.isValid() ? entry(at) : null;
    }
  }

  @Override
  public void savepoint() {
    checked(
        () -> {
          tx().setSavePoint();
          return true;
        });
  }

  @Override
  public void rollbackToSavepoint() {
    checked(
        () -> {
          tx().rollbackToSavePoint();
          return true;
        });
  }

  @Override
  public void reopen() {
    db.close();
    db = openDb();
  }

  @Override
  public void close() {
    db.close();
    options.close();
    transactions.close();
    write.close();
    read.close();
  }
}
