package dev.redoubt.buffer.rocksdb;

import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.io.Disk;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * The native objects of one open database, closed in the order opposite to their making: options
 * must outlive the database that uses them. Guarded by the page store.
 */
final class RocksHandles {
  /** Flushes come from us, so a memtable holds one batch of pages and never fills by itself. */
  private static final long MEMTABLE_BYTES = 16L << 20;

  private static final double BLOOM_BITS = 10;

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final ReadOptions reading = opened(new ReadOptions());
  private final WriteOptions withoutLog = opened(new WriteOptions().setDisableWAL(true));
  private final FlushOptions waiting =
      opened(new FlushOptions().setWaitForFlush(true).setAllowWriteStall(true));
  private final RocksDB db;

  static {
    RocksDB.loadLibrary();
  }

  private RocksHandles(RocksDbPages kind, PageStoreKind.Place place, Path folder, boolean readOnly)
      throws RocksDBException {
    Options options = options(kind, place);
    String path = folder.toString();
    this.db = opened(readOnly ? RocksDB.openReadOnly(options, path) : RocksDB.open(options, path));
  }

  static RocksHandles open(
      RocksDbPages kind, PageStoreKind.Place place, Path folder, boolean readOnly)
      throws RocksDBException {
    return new RocksHandles(kind, place, folder, readOnly);
  }

  private Options options(RocksDbPages kind, PageStoreKind.Place place) {
    Cache cache = opened(new LRUCache(kind.cacheBytes()));
    BloomFilter filter = opened(new BloomFilter(BLOOM_BITS));
    boolean direct = place.caching() == Disk.Caching.DIRECT;
    // A page a block: a read decompresses nothing else.
    BlockBasedTableConfig table =
        new BlockBasedTableConfig()
            .setBlockSize(place.pageSize())
            .setBlockCache(cache)
            .setFilterPolicy(filter);
    return opened(new Options())
        .setCreateIfMissing(true)
        .setTableFormatConfig(table)
        .setCompressionType(
            switch (kind.compression()) {
              case NONE -> CompressionType.NO_COMPRESSION;
              case LZ4 -> CompressionType.LZ4_COMPRESSION;
              case ZSTD -> CompressionType.ZSTD_COMPRESSION;
            })
        .setWriteBufferSize(MEMTABLE_BYTES)
        .setLevelCompactionDynamicLevelBytes(true)
        .setUseDirectReads(direct)
        .setUseDirectIoForFlushAndCompaction(direct)
        // Closing writes nothing: what was not flushed was never promised.
        .setAvoidFlushDuringShutdown(true)
        .setKeepLogFileNum(2)
        .setInfoLogLevel(InfoLogLevel.ERROR_LEVEL);
  }

  RocksDB db() {
    return db;
  }

  ReadOptions reading() {
    return reading;
  }

  WriteOptions withoutLog() {
    return withoutLog;
  }

  FlushOptions waiting() {
    return waiting;
  }

  private <T extends AutoCloseable> T opened(T handle) {
    opened.push(handle);
    return handle;
  }

  void close() {
    db.cancelAllBackgroundWork(true);
    while (!opened.isEmpty()) {
      close(opened.pop());
    }
  }

  private static void close(AutoCloseable handle) {
    try {
      handle.close();
    } catch (Exception e) {
      // RocksDB's objects throw nothing here: closing frees memory.
      throw new IllegalStateException("RocksDB could not be closed", e);
    }
  }
}
