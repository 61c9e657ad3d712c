package dev.redoubt.crash.process;

import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.buffer.rocksdb.RocksDbPages;

/** What a process that is killed keeps its pages in. */
public enum PagesIn {
  /** One file, with copies of what is being written. */
  FILE,
  /** RocksDB without its log: what was not flushed is gone with the process. */
  ROCKSDB;

  /** The same, as a store is told. */
  public PageStoreKind kind() {
    return switch (this) {
      case FILE -> PageStoreKind.FILE;
      case ROCKSDB -> new RocksDbPages(RocksDbPages.Compression.LZ4);
    };
  }
}
