package dev.redoubt.recovery;

import dev.redoubt.buffer.FilePageStore;
import dev.redoubt.buffer.PageLayout;
import dev.redoubt.buffer.PageVerifier;
import dev.redoubt.io.Disk;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.wal.LogSalvage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The pages as they are stored, or as the double-write file has them where they are torn, rolled
 * forward by the readable parts of a log that restart cannot use.
 */
final class StoredSource extends SalvageSource {
  /** So many pages are looked at to find out how long pages are. */
  private static final int PROBES = 256;

  private final Disk disk;
  private final FilePageStore pages;
  private final PageVerifier verifier;
  private final RollForward forward;
  private final ReadableHistory history;
  private final HolesAndPages holes;
  private final long logEndLsn;
  private final List<String> notes;

  private StoredSource(
      Disk disk,
      FilePageStore pages,
      PageVerifier verifier,
      RollForward forward,
      ReadableHistory history,
      HolesAndPages holes,
      long logEndLsn,
      List<String> notes) {
    this.disk = disk;
    this.pages = pages;
    this.verifier = verifier;
    this.forward = forward;
    this.history = history;
    this.holes = holes;
    this.logEndLsn = logEndLsn;
    this.notes = notes;
  }

  /** Reads the log twice; {@code disk} takes the changes and is closed with the source. */
  static StoredSource open(
      Disk disk,
      LogSalvage log,
      StoreIdentity identity,
      List<ResourceManager> managers,
      List<String> notes) {
    FilePageStore pages = FilePageStore.open(disk, log.storeId(), identity.pageSize(), false);
    PageVerifier verifier = new PageVerifier(log.storeId(), identity.pageSize());
    List<Long> restored = pages.restoreTorn(pageId -> true);
    if (!restored.isEmpty()) {
      notes.add("pages " + restored + " are those of the double-write file");
    }
    RollForward forward = new RollForward(pages, verifier, EngineOpening.withOwn(managers));
    ReadableHistory history = new ReadableHistory();
    HolesAndPages changed = new HolesAndPages();
    log.forEach(
        (lsn, payload) -> {
          LogRecord record = history.decode(lsn, payload);
          if (record != null) {
            history.take(lsn, record);
            changed.take(lsn, record);
            if (record instanceof LogRecord.Redoable redoable) {
              forward.redo(lsn, redoable);
            }
          }
        });
    forward.finish();
    log.forEach(
        (lsn, payload) -> {
          LogRecord record = history.decode(lsn, payload);
          if (record != null) {
            history.takeAgain(lsn, record);
          }
        });
    notes.add(
        "RESTART WAS NOT POSSIBLE. Pages are as they are stored, rolled forward by what is readable"
            + " of the log. They need not be of one moment");
    List<LogSalvage.Hole> holes = new ArrayList<>(log.holes());
    long lastPageLsn = lastPageLsn(pages, verifier);
    if (lastPageLsn >= log.endLsn()) {
      holes.add(new LogSalvage.Hole(log.endLsn(), lastPageLsn + 1));
    }
    changed.holes(holes);
    for (LogSalvage.Hole hole : holes) {
      history.hole(hole);
      notes.add(
          "the log cannot be read from LSN "
              + hole.fromLsn()
              + " to "
              + hole.toLsn()
              + ": changes of transactions that were at work there may be missing, or may be here"
              + " though they did not commit, and nothing else tells which");
    }
    notes.addAll(history.notes());
    return new StoredSource(disk, pages, verifier, forward, history, changed, log.endLsn(), notes);
  }

  /** The newest change that any page has. */
  private static long lastPageLsn(FilePageStore pages, PageVerifier verifier) {
    long last = 0;
    for (long pageId = 1; pageId <= pages.capacityPages(); pageId++) {
      MemorySegment bytes = read(pages, verifier, pageId).bytes();
      last = bytes == null ? last : Math.max(last, PageLayout.pageLsn(bytes));
    }
    return last;
  }

  /** Length of the pages of a store, found by their checksums; 0 if no page is whole. */
  static int findPageSize(Disk disk, UUID storeId) {
    for (int size = PageLayout.MIN_PAGE_BYTES; size <= PageLayout.MAX_PAGE_BYTES; size *= 2) {
      PageVerifier verifier = new PageVerifier(storeId, size);
      try (FilePageStore pages = FilePageStore.openReadOnly(disk, storeId, size)) {
        long last = Math.min(PROBES, pages.capacityPages());
        for (long pageId = 1; pageId <= last; pageId++) {
          if (read(pages, verifier, pageId).bytes() != null) {
            return size;
          }
        }
      }
    }
    return 0;
  }

  /** The page as it is stored, checked. */
  static Page read(FilePageStore pages, PageVerifier verifier, long pageId) {
    MemorySegment bytes = Arena.ofAuto().allocate(pages.pageSize(), Disk.BLOCK_BYTES);
    try {
      pages.read(pageId, bytes.asByteBuffer());
    } catch (StorageIoException e) {
      return Page.none(message(e));
    }
    if (PageVerifier.isBlank(bytes)) {
      return Page.none("page " + pageId + " was never formatted");
    }
    StorageException problem =
        verifier.problem(bytes, pageId, PageVerifier.NO_LOG_END, pages.location(pageId));
    return problem == null ? Page.of(bytes) : Page.none(message(problem));
  }

  @Override
  public int pageSize() {
    return pages.pageSize();
  }

  @Override
  public long capacityPages() {
    return pages.capacityPages();
  }

  @Override
  public Page page(long pageId) {
    if (pageId < 1 || pageId > capacityPages()) {
      return Page.none("page " + pageId + " is beyond the end of the file of pages");
    }
    Page page = read(pages, verifier, pageId);
    String outdated = forward.outdated(pageId);
    MemorySegment bytes = page.bytes();
    StorageException givenUp = bytes == null ? null : PageVerifier.givenUp(bytes);
    if (givenUp != null) {
      return Page.none(message(givenUp));
    }
    if (outdated.isEmpty() && bytes != null && PageLayout.pageLsn(bytes) >= logEndLsn) {
      outdated =
          "page "
              + pageId
              + " has changes up to LSN "
              + PageLayout.pageLsn(bytes)
              + ", of which the readable log, to LSN "
              + logEndLsn
              + ", tells nothing";
    }
    if (outdated.isEmpty() && bytes != null) {
      outdated = holes.mayLack(pageId, PageLayout.pageLsn(bytes));
    }
    return outdated.isEmpty() ? page : new Page(page.bytes(), page.problem(), outdated);
  }

  @Override
  public Allocation allocation(long pageId) {
    long span = SpaceManager.span(pageSize());
    long bit = (pageId - 1) % span;
    long bitmapId = pageId - bit + 1;
    Page bitmap = page(bitmapId);
    MemorySegment bytes = bitmap.bytes();
    if (bytes == null
        || PageLayout.type(bytes) != PageTypes.SPACE_MAP
        || !bitmap.outdated().isEmpty()) {
      return Allocation.UNKNOWN;
    }
    return SpaceManager.isSet(bytes, bit) ? Allocation.IN_USE : Allocation.FREE;
  }

  @Override
  public byte @Nullable [] root(String name) {
    MemorySegment bytes = page(RootDirectory.PAGE_ID).bytes();
    return bytes == null || PageLayout.type(bytes) != PageTypes.ROOT_DIRECTORY
        ? null
        : RootManager.find(bytes, name);
  }

  @Override
  public List<Unfinished> unfinished() {
    return new ArrayList<>(history.unfinished());
  }

  @Override
  public boolean isRecovered() {
    return false;
  }

  @Override
  public List<String> notes() {
    return List.copyOf(notes);
  }

  @Override
  public void close() {
    try (disk) {
      pages.close();
    }
  }
}
