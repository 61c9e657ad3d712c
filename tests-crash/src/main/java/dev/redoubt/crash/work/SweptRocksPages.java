package dev.redoubt.crash.work;

import dev.redoubt.buffer.PageStore;
import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.buffer.rocksdb.RocksDbPages;
import dev.redoubt.io.Disk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.Stream;

/**
 * Pages in RocksDB, for stores on a simulated disk, which RocksDB knows nothing of. What RocksDB
 * has flushed is kept, folder by folder, as numbered <em>versions</em>; the simulated disk holds
 * the number of the newest. It is written when a flush has returned, and forced: a crash in between
 * leaves this flush or the one before, a crash later leaves this one, and what was put and not
 * flushed is gone, as with RocksDB's memtable. So every crash of the disk is one of RocksDB, too.
 * Confined to one thread.
 */
public final class SweptRocksPages implements PageStoreKind, AutoCloseable {
  private static final long CACHE_BYTES = 1L << 20;
  private static final int MAX_ATTEMPTS = 1000;

  private final PageStoreKind real = new RocksDbPages(RocksDbPages.Compression.LZ4, CACHE_BYTES);
  private final Path work;
  private final int recordedOneIn;
  private long versions;
  private long opened;
  private long writes;

  private SweptRocksPages(int recordedOneIn) {
    this.recordedOneIn = recordedOneIn;
    Path memory = Path.of("/dev/shm");
    try {
      this.work =
          Files.isWritable(memory)
              ? Files.createTempDirectory(memory, "redoubt-swept")
              : Files.createTempDirectory("redoubt-swept");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As it is. */
  public static SweptRocksPages exact() {
    return new SweptRocksPages(1);
  }

  /** A mistake: three of four writes return before they have been flushed. */
  public static SweptRocksPages withoutBarrier() {
    return new SweptRocksPages(4);
  }

  @Override
  public int id() {
    return real.id();
  }

  @Override
  public String name() {
    return real.name();
  }

  @Override
  public boolean exists(Disk disk) {
    return VersionFile.newest(disk) > 0;
  }

  @Override
  public PageStore open(Place place) {
    Disk disk = place.disk();
    long version = VersionFile.newest(disk);
    Path folder = work.resolve("open-" + opened++);
    if (version > 0) {
      copy(version(version), folder);
    }
    Swept store = new Swept(real.open(at(place, folder)), disk, folder);
    if (version == 0) {
      VersionFile.make(disk);
      store.record();
    }
    return store;
  }

  @Override
  public PageStore openReadOnly(Place place) {
    Path folder = work.resolve("open-" + opened++);
    copy(version(VersionFile.newest(place.disk())), folder);
    return real.openReadOnly(at(place, folder));
  }

  private Place at(Place place, Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Place(
        new FolderOnly(folder), place.storeId(), place.pageSize(), false, place.caching());
  }

  private Path version(long number) {
    return work.resolve("version-" + number);
  }

  /**
   * Copies the folder as it is on disk. Table files are never changed, so links will do; what is
   * there counts by the manifest, and the copy is repeated if that has changed meanwhile.
   */
  private static void copy(Path from, Path to) {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      try {
        String before = manifest(from);
        delete(to);
        for (Path each : below(from)) {
          Path target = to.resolve(from.relativize(each).toString());
          if (Files.isDirectory(each)) {
            Files.createDirectories(target);
          } else if (each.toString().endsWith(".sst")) {
            Files.createLink(target, each);
          } else if (!each.endsWith("LOCK")) {
            Files.copy(each, target);
          }
        }
        if (manifest(from).equals(before)) {
          return;
        }
      } catch (NoSuchFileException compacted) {
        // A table that is not needed any more went away: again.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    throw new IllegalStateException(from + " changes all the time, or is not there");
  }

  private static String manifest(Path folder) throws IOException {
    StringBuilder found = new StringBuilder();
    for (Path each : below(folder)) {
      if (each.getFileName().toString().startsWith("MANIFEST")) {
        found.append(each).append(' ').append(Files.size(each)).append(' ');
      }
    }
    return found.toString();
  }

  private static List<Path> below(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(each -> !each.equals(folder)).sorted().toList();
    } catch (UncheckedIOException gone) {
      throw gone.getCause();
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      Files.createDirectories(folder);
      return;
    }
    for (Path each : below(folder).stream().sorted(Comparator.reverseOrder()).toList()) {
      Files.delete(each);
    }
  }

  /** Deletes all versions; no store is open any more. */
  @Override
  public void close() {
    try {
      delete(work);
      Files.delete(work);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An open page store whose flushes become versions. */
  private final class Swept implements PageStore {
    private final PageStore store;
    private final Disk disk;
    private final Path folder;

    Swept(PageStore store, Disk disk, Path folder) {
      this.store = store;
      this.disk = disk;
      this.folder = folder;
    }

    void record() {
      long number = ++versions;
      copy(folder, version(number));
      VersionFile.write(disk, number);
    }

    @Override
    public int pageSize() {
      return store.pageSize();
    }

    @Override
    public long capacityPages() {
      return store.capacityPages();
    }

    @Override
    public void ensureCapacity(long pages) {
      if (pages > store.capacityPages()) {
        store.ensureCapacity(pages);
        record();
      }
    }

    @Override
    public void read(long pageId, ByteBuffer dst) {
      store.read(pageId, dst);
    }

    @Override
    public void writeDurably(List<PageImage> images) {
      store.writeDurably(images);
      if (writes++ % recordedOneIn == 0) {
        record();
      }
    }

    @Override
    public List<Long> restoreTorn(LongPredicate inAnalysisTable) {
      return store.restoreTorn(inAnalysisTable);
    }

    @Override
    public String location(long pageId) {
      return store.location(pageId);
    }

    @Override
    public void close() {
      store.close();
      try {
        delete(folder);
        Files.delete(folder);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
