package dev.redoubt.benchmarks;

import com.sleepycat.je.Cursor;
import com.sleepycat.je.Database;
import com.sleepycat.je.DatabaseConfig;
import com.sleepycat.je.DatabaseEntry;
import com.sleepycat.je.Durability;
import com.sleepycat.je.Environment;
import com.sleepycat.je.EnvironmentConfig;
import com.sleepycat.je.LockMode;
import com.sleepycat.je.OperationStatus;
import com.sleepycat.je.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Berkeley DB Java Edition: a cache on the heap, log files of 64 MiB, every operation a transaction
 * of its own. Durable: {@code COMMIT_SYNC}; not durable: {@code COMMIT_NO_SYNC}, which like ours
 * keeps the log in memory for a while.
 */
final class JePeer implements Peer {
  private final Environment env;
  private final Database db;

  JePeer(Setup setup) {
    EnvironmentConfig config = new EnvironmentConfig();
    config.setAllowCreate(true);
    config.setTransactional(true);
    config.setCacheSize(setup.cacheBytes());
    config.setDurability(setup.durable() ? Durability.COMMIT_SYNC : Durability.COMMIT_NO_SYNC);
    config.setConfigParam(EnvironmentConfig.LOG_FILE_MAX, Integer.toString(64 << 20));
    env = new Environment(setup.dir().toFile(), config);
    db =
        env.openDatabase(
            null, "figures", new DatabaseConfig().setAllowCreate(true).setTransactional(true));
  }

  @Override
  public Session session() {
    return new JeSession();
  }

  @Override
  public void load(byte[][] keys, byte[][] values) {
    Transaction tx = env.beginTransaction(null, null);
    for (int i = 0; i < keys.length; i++) {
      db.put(tx, new DatabaseEntry(keys[i]), new DatabaseEntry(values[i]));
    }
    tx.commit();
  }

  @Override
  public void settle() {
    env.checkpoint(new com.sleepycat.je.CheckpointConfig().setForce(true));
  }

  @Override
  public void close() {
    db.close();
    env.close();
  }

  private final class JeSession implements Session {
    @Override
    public void put(byte[] key, byte[] value) {
      db.put(null, new DatabaseEntry(key), new DatabaseEntry(value));
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
      DatabaseEntry found = new DatabaseEntry();
      OperationStatus status = db.get(null, new DatabaseEntry(key), found, LockMode.DEFAULT);
      return status == OperationStatus.SUCCESS ? found.getData() : null;
    }

    @Override
    public int scan(byte[] from, int limit) {
      DatabaseEntry key = new DatabaseEntry(from);
      DatabaseEntry value = new DatabaseEntry();
      try (Cursor cursor = db.openCursor(null, null)) {
        OperationStatus status = cursor.getSearchKeyRange(key, value, LockMode.DEFAULT);
        int count = 0;
        while (status == OperationStatus.SUCCESS && count < limit) {
          count++;
          status = cursor.getNext(key, value, LockMode.DEFAULT);
        }
        return count;
      }
    }
  }
}
