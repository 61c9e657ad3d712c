package dev.redoubt.benchmarks;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompressionType;
import org.rocksdb.EnvOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.SstFileWriter;
import org.rocksdb.Transaction;
import org.rocksdb.TransactionDB;
import org.rocksdb.TransactionDBOptions;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * RocksDB, as a TransactionDB or with plain write batches. Block cache of the size given beside
 * write buffers of 64 MiB, Bloom filters of 10 bits a key, no compression (the values do not
 * compress), two background jobs. Durable: {@code WriteOptions.sync}. Not durable: the log is
 * written to the operating system at each commit and not forced, so that it survives the death of
 * the process, which is more than the others do.
 */
final class RocksPeer implements Peer {
  private final Options options;
  private final RocksDB db;
  private final @Nullable TransactionDB transactions;
  private final WriteOptions write;

  static RocksPeer transactions(Setup setup) throws RocksDBException {
    Options options = options(setup);
    TransactionDB db =
        TransactionDB.open(options, new TransactionDBOptions(), setup.dir().toString());
    return new RocksPeer(options, db, db, setup);
  }

  static RocksPeer batches(Setup setup) throws RocksDBException {
    Options options = options(setup);
    return new RocksPeer(options, RocksDB.open(options, setup.dir().toString()), null, setup);
  }

  private RocksPeer(
      Options options, RocksDB db, @Nullable TransactionDB transactions, Setup setup) {
    this.options = options;
    this.db = db;
    this.transactions = transactions;
    this.write = new WriteOptions().setSync(setup.durable());
  }

  private static Options options(Setup setup) {
    RocksDB.loadLibrary();
    Options options =
        new Options()
            .setCreateIfMissing(true)
            .setCompressionType(CompressionType.NO_COMPRESSION)
            .setMaxBackgroundJobs(2)
            .setTableFormatConfig(
                new BlockBasedTableConfig()
                    .setBlockCache(new LRUCache(setup.cacheBytes()))
                    .setFilterPolicy(new BloomFilter(10)));
    if (setup.larger()) {
      // Write buffers are memory too: a quarter of the cache, in two.
      options
          .setUseDirectReads(true)
          .setUseDirectIoForFlushAndCompaction(true)
          .setWriteBufferSize(Math.max(1L << 20, setup.cacheBytes() / 8))
          .setMaxWriteBufferNumber(2);
    }
    if (setup.keepLog()) {
      options.setWriteBufferSize(16L << 30).setMaxTotalWalSize(64L << 30);
    }
    return options;
  }

  @Override
  public Session session() {
    return new RocksSession();
  }

  @Override
  public void load(byte[][] keys, byte[][] values) throws RocksDBException {
    TransactionDB tx = transactions;
    if (tx == null) {
      try (WriteBatch batch = new WriteBatch()) {
        for (int i = 0; i < keys.length; i++) {
          batch.put(keys[i], values[i]);
        }
        db.write(write, batch);
      }
    } else {
      try (Transaction transaction = tx.beginTransaction(write)) {
        for (int i = 0; i < keys.length; i++) {
          transaction.put(keys[i], values[i]);
        }
        transaction.commit();
      }
    }
  }

  /** Writes a table file and takes it over. */
  @Override
  public void bulkLoad(byte[][] keys, int batch) throws RocksDBException {
    SplittableRandom random = new SplittableRandom(keys.length);
    String file = Path.of(db.getName()).resolve("load.sst").toString();
    try (EnvOptions env = new EnvOptions();
        SstFileWriter writer = new SstFileWriter(env, options);
        IngestExternalFileOptions how = new IngestExternalFileOptions().setMoveFiles(true)) {
      writer.open(file);
      for (byte[] key : keys) {
        writer.put(key, Keys.value(random));
      }
      writer.finish();
      db.ingestExternalFile(List.of(file), how);
    }
  }

  @Override
  public void settle() throws RocksDBException {
    try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
      db.flush(flush);
    }
    db.compactRange();
  }

  @Override
  public void close() {
    db.close();
    write.close();
    options.close();
  }

  private final class RocksSession implements Session {
    @Override
    public void put(byte[] key, byte[] value) throws RocksDBException {
      TransactionDB tx = transactions;
      if (tx == null) {
        try (WriteBatch batch = new WriteBatch()) {
          batch.put(key, value);
          db.write(write, batch);
        }
      } else {
        try (Transaction transaction = tx.beginTransaction(write)) {
          transaction.put(key, value);
          transaction.commit();
        }
      }
    }

    @Override
    public byte @Nullable [] get(byte[] key) throws RocksDBException {
      return db.get(key);
    }

    @Override
    public int scan(byte[] from, int limit) {
      try (RocksIterator entries = db.newIterator()) {
        int count = 0;
        for (entries.seek(from); count < limit && entries.isValid(); entries.next()) {
          count += entries.key().length + entries.value().length > 0 ? 1 : 0;
        }
        return count;
      }
    }
  }
}
