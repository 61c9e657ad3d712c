package dev.redoubt.buffer.rocksdb;

import dev.redoubt.buffer.PageStore;
import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.io.Disk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Pages in RocksDB, in the folder {@value #FOLDER} beside the log: give it to {@code
 * EngineOptions.withPages}. Which compression a store is opened with may change from one opening to
 * the next; it counts for what is written from then on.
 *
 * @param compression of what is written
 * @param cacheBytes for RocksDB's index, filters and blocks; the frames of the buffer pool hold the
 *     pages themselves
 */
public record RocksDbPages(Compression compression, long cacheBytes) implements PageStoreKind {
  /** Name of the folder. */
  public static final String FOLDER = "pages-rocksdb";

  private static final int ID = 1;
  private static final long DEFAULT_CACHE_BYTES = 8L << 20;

  /** How pages are compressed. */
  public enum Compression {
    /** Not at all. */
    NONE,
    /** Fast, by about the half. */
    LZ4,
    /** Slower and smaller. */
    ZSTD
  }

  /** Checks the size of the cache. */
  public RocksDbPages {
    if (cacheBytes < 0) {
      throw new IllegalArgumentException("a cache of " + cacheBytes + " bytes");
    }
  }

  /** With a cache of 8 MiB. */
  public RocksDbPages(Compression compression) {
    this(compression, DEFAULT_CACHE_BYTES);
  }

  @Override
  public int id() {
    return ID;
  }

  @Override
  public String name() {
    return "RocksDB";
  }

  @Override
  public boolean exists(Disk disk) {
    // RocksDB makes this file last: without it there is no database yet.
    return Files.exists(folder(disk).resolve("CURRENT"));
  }

  @Override
  public PageStore open(Place place) {
    return RocksDbPageStore.open(this, place, folder(place.disk()));
  }

  @Override
  public PageStore openReadOnly(Place place) {
    return exists(place.disk())
        ? RocksDbPageStore.openReadOnly(this, place, folder(place.disk()))
        : new NoPages(place.pageSize());
  }

  private static Path folder(Disk disk) {
    Path path = disk.path();
    if (path == null) {
      throw new IllegalArgumentException(
          "pages in RocksDB need a directory of the operating system, not " + disk.description());
    }
    return Objects.requireNonNull(path).resolve(FOLDER);
  }
}
