package dev.redoubt.benchmarks;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * SQLite through JDBC: write-ahead log, one table {@code WITHOUT ROWID}. Durable: {@code
 * synchronous=FULL}; not durable: {@code NORMAL}, which forces at checkpoints only. Writers share
 * one connection behind a lock, which serves it better than its polling for the file lock; each
 * reader has a connection with a cache of its own.
 */
final class SqlitePeer implements Peer {
  private static final String PUT =
      "INSERT INTO kv VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v";

  /** SQLite's own default; for data larger than memory the rest is the operating system's. */
  private static final long SMALL_CACHE_BYTES = 2L << 20;

  private final Setup setup;
  private final Connection writer;
  private final PreparedStatement put;
  private final ReentrantLock writers = new ReentrantLock();

  SqlitePeer(Setup setup) throws SQLException {
    this.setup = setup;
    writer = connect();
    try (Statement statement = writer.createStatement()) {
      statement.execute(
          "CREATE TABLE IF NOT EXISTS kv (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID");
    }
    put = writer.prepareStatement(PUT);
  }

  private Connection connect() throws SQLException {
    Connection connection =
        DriverManager.getConnection("jdbc:sqlite:" + setup.dir().resolve("figures.db"));
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA journal_mode=WAL");
      statement.execute("PRAGMA synchronous=" + (setup.durable() ? "FULL" : "NORMAL"));
      long cacheBytes = setup.larger() ? SMALL_CACHE_BYTES : setup.cacheBytes();
      statement.execute("PRAGMA cache_size=-" + (cacheBytes >> 10));
      statement.execute("PRAGMA busy_timeout=10000");
    }
    return connection;
  }

  @Override
  public Session session() {
    return new SqliteSession();
  }

  @Override
  public void load(byte[][] keys, byte[][] values) throws SQLException {
    writer.setAutoCommit(false);
    for (int i = 0; i < keys.length; i++) {
      put(keys[i], values[i]);
    }
    writer.commit();
    writer.setAutoCommit(true);
  }

  private void put(byte[] key, byte[] value) throws SQLException {
    put.setBytes(1, key);
    put.setBytes(2, value);
    put.executeUpdate();
  }

  @Override
  public void settle() throws SQLException {
    try (Statement statement = writer.createStatement()) {
      statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
  }

  @Override
  public void close() {
    close(writer);
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException("SQLite did not close", e);
    }
  }

  private final class SqliteSession implements Session {
    private @Nullable Reader reader;

    private Reader reader() throws SQLException {
      Reader known = reader;
      if (known == null) {
        known = new Reader(connect());
        reader = known;
      }
      return known;
    }

    @Override
    public void put(byte[] key, byte[] value) throws SQLException {
      writers.lock();
      try {
        SqlitePeer.this.put(key, value);
      } finally {
        writers.unlock();
      }
    }

    @Override
    public byte @Nullable [] get(byte[] key) throws SQLException {
      return reader().get(key);
    }

    @Override
    public int scan(byte[] from, int limit) throws SQLException {
      return reader().scan(from, limit);
    }

    @Override
    public void close() {
      if (reader != null) {
        SqlitePeer.close(reader.connection);
      }
    }
  }

  private static final class Reader {
    private final Connection connection;
    private final PreparedStatement get;
    private final PreparedStatement scan;

    Reader(Connection connection) throws SQLException {
      this.connection = connection;
      get = connection.prepareStatement("SELECT v FROM kv WHERE k = ?");
      scan = connection.prepareStatement("SELECT k, v FROM kv WHERE k >= ? ORDER BY k LIMIT ?");
    }

    byte @Nullable [] get(byte[] key) throws SQLException {
      get.setBytes(1, key);
      try (ResultSet found = get.executeQuery()) {
        return found.next() ? found.getBytes(1) : null;
      }
    }

    int scan(byte[] from, int limit) throws SQLException {
      scan.setBytes(1, from);
      scan.setInt(2, limit);
      try (ResultSet found = scan.executeQuery()) {
        int count = 0;
        while (found.next()) {
          count += found.getBytes(1).length + found.getBytes(2).length > 0 ? 1 : 0;
        }
        return count;
      }
    }
  }
}
