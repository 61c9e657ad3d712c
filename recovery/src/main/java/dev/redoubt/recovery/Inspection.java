package dev.redoubt.recovery;

import dev.redoubt.buffer.PageStore;
import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.buffer.PageVerifier;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.io.StorageException;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A store opened to be looked at: closed in order or crashed, it writes not a byte, takes no lock
 * and runs no restart. Of a store that another process has open it shows a moment, which may be
 * damaged at the edges. Confined to one thread.
 */
public final class Inspection implements AutoCloseable {
  private final Log log;
  private final PageStore pages;
  private final PageVerifier verifier;
  private final LogDump dump;

  private Inspection(Log log, PageStore pages, LogDump dump) {
    this.log = log;
    this.pages = pages;
    this.verifier = new PageVerifier(log.storeId(), pages.pageSize());
    this.dump = dump;
  }

  /**
   * Opens the store on {@code disk}, which stays the caller's.
   *
   * @param managers those of the layer above; for {@link #dump} only
   * @throws dev.redoubt.io.NotAStoreException if there is no store
   * @throws dev.redoubt.io.CorruptionException if the log is damaged below a point known durable
   */
  public static Inspection open(
      Disk disk, Environment environment, List<ResourceManager> managers) {
    return open(disk, environment, PageStoreKind.FILE, managers);
  }

  /**
   * The same for a store whose pages are kept otherwise.
   *
   * @throws OptionsMismatchException if they are not of that kind
   */
  public static Inspection open(
      Disk disk, Environment environment, PageStoreKind kind, List<ResourceManager> managers) {
    Log.require(disk);
    Log log = Log.openReadOnly(disk, environment, LogOptions.defaults().withBackground(false));
    boolean opened = false;
    try {
      StoreIdentity identity = StoreIdentity.decode(log.attributes());
      identity.require(kind);
      PageStore pages = kind.openReadOnly(identity.place(disk, log.storeId()));
      opened = true;
      return new Inspection(log, pages, new LogDump(log, managers));
    } finally {
      if (!opened) {
        log.close();
      }
    }
  }

  /** The log, open for reading only. */
  public Log log() {
    return log;
  }

  /** Bytes of a page. */
  public int pageSize() {
    return pages.pageSize();
  }

  /** Pages that the file has room for; ids from 1 to this. */
  public long capacityPages() {
    return pages.capacityPages();
  }

  /** The page as it stands on disk. */
  public StoredPage page(long pageId) {
    MemorySegment bytes = Arena.ofAuto().allocate(pages.pageSize(), Disk.BLOCK_BYTES);
    pages.read(pageId, bytes.asByteBuffer());
    if (PageVerifier.isBlank(bytes)) {
      return new StoredPage(pageId, bytes.asReadOnly(), true, null);
    }
    StorageException problem =
        verifier.problem(bytes, pageId, log.endLsn(), pages.location(pageId));
    return new StoredPage(
        pageId, bytes.asReadOnly(), false, problem == null ? null : problem.getMessage());
  }

  /**
   * The report of the last restart after a crash, as the last complete checkpoint carries it; null
   * if there was none.
   */
  public @Nullable RecoveryReport lastRestart() {
    return new Analysis(log, RecoveryMeter.NONE).run().lastRestart();
  }

  /** Describes the records of the log. */
  public LogDump dump() {
    return dump;
  }

  @Override
  public void close() {
    pages.close();
    log.close();
  }
}
