package dev.redoubt.buffer;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.HaltGate;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Pages in one file, page n at n times the page size, protected against torn writes by a second
 * file ({@link DoubleWriteFile}) unless told otherwise. Thread-safe: reads go on beside anything;
 * writes, growth and restoring take turns.
 *
 * <p>After a failed write or force of pages nothing more is written (the operating system may have
 * dropped the bytes and will say so only once): every later writing call throws {@code
 * EngineHaltedException}.
 */
public final class FilePageStore implements PageStore {
  /** Name of the file of pages. */
  public static final String PAGES_FILE = "pages";

  /** The file grows by an eighth, but at least and at most by so many bytes. */
  private static final int MIN_GROWTH_BYTES = 256 << 10;

  private static final int MAX_GROWTH_BYTES = 16 << 20;

  private static final int ZEROS_BYTES = 1 << 20;

  private final int pageSize;
  private final boolean doubleWrite;
  private final PageVerifier verifier;
  private final @Nullable DiskFile pages;
  private final @Nullable DoubleWriteFile copies;
  private final HaltGate gate = new HaltGate();
  private final ReentrantLock writing = new ReentrantLock();

  private volatile long capacityPages;

  private FilePageStore(
      UUID storeId,
      int pageSize,
      boolean doubleWrite,
      @Nullable DiskFile pages,
      @Nullable DoubleWriteFile copies) {
    this.pageSize = pageSize;
    this.doubleWrite = doubleWrite;
    this.verifier = new PageVerifier(storeId, pageSize);
    this.pages = pages;
    this.copies = copies;
    this.capacityPages = pages == null ? 0 : Math.max(0, pages.size() / pageSize - 1);
  }

  /**
   * Opens the pages of a store; a missing file is made and its name is durable at return. Nothing
   * else is written before {@link #restoreTorn} (I-10).
   *
   * @param disk where the files are, gated by the log; stays the caller's
   * @param storeId seeds every checksum
   * @param pageSize a power of two from 4096 to 65536, the one the store was created with
   * @param doubleWrite whether pages are copied aside before they are written home; without it the
   *     file system must write pages atomically
   * @throws IllegalArgumentException if the page size is out of range
   * @throws dev.redoubt.io.StorageIoException if the file cannot be opened or made
   */
  public static FilePageStore open(Disk disk, UUID storeId, int pageSize, boolean doubleWrite) {
    return open(disk, storeId, pageSize, doubleWrite, Disk.Caching.BUFFERED);
  }

  /** The same, past the operating system's cache if {@code caching} says so and it can be. */
  public static FilePageStore open(
      Disk disk, UUID storeId, int pageSize, boolean doubleWrite, Disk.Caching caching) {
    PageLayout.checkPageSize(pageSize);
    boolean isNew = !disk.exists(PAGES_FILE);
    DiskFile pages = disk.open(PAGES_FILE, isNew ? Disk.Access.CREATE : Disk.Access.WRITE, caching);
    if (isNew) {
      disk.forceDirectory();
    }
    return new FilePageStore(
        storeId,
        pageSize,
        doubleWrite,
        pages,
        new DoubleWriteFile(disk, storeId, pageSize, caching));
  }

  /**
   * Opens the pages for reading only: not a byte and not a name is written, ever. A missing file
   * reads as a store without pages. Growing, writing and restoring throw {@link
   * IllegalStateException}.
   */
  public static FilePageStore openReadOnly(Disk disk, UUID storeId, int pageSize) {
    PageLayout.checkPageSize(pageSize);
    DiskFile pages =
        disk.exists(PAGES_FILE)
            ? disk.open(PAGES_FILE, Disk.Access.READ, Disk.Caching.BUFFERED)
            : null;
    return new FilePageStore(storeId, pageSize, false, pages, null);
  }

  @Override
  public int pageSize() {
    return pageSize;
  }

  @Override
  public long capacityPages() {
    return capacityPages;
  }

  @Override
  public String location(long pageId) {
    return "file " + PAGES_FILE + ", offset " + pageId * pageSize;
  }

  @Override
  public void ensureCapacity(long wantedPages) {
    if (wantedPages <= capacityPages) {
      return;
    }
    DiskFile file = writable();
    writing.lock();
    try {
      gate.check();
      if (wantedPages > capacityPages) {
        grow(file, wantedPages);
      }
    } finally {
      writing.unlock();
    }
  }

  private void grow(DiskFile file, long wantedPages) {
    long generous = Math.max(wantedPages, capacityPages + growthPages());
    try {
      zeroFill(file, generous);
    } catch (DiskFullException e) {
      if (generous == wantedPages) {
        throw e;
      }
      generous = wantedPages;
      zeroFill(file, generous);
    }
    try {
      file.force();
    } catch (Throwable e) {
      throw gate.halt(e);
    }
    capacityPages = generous;
  }

  private long growthPages() {
    long bytes = Math.clamp(capacityPages * pageSize / 8, MIN_GROWTH_BYTES, MAX_GROWTH_BYTES);
    return bytes / pageSize;
  }

  private void zeroFill(DiskFile file, long upToPages) {
    long position = (capacityPages + 1) * pageSize;
    if (capacityPages == 0) {
      position = 0; // page 0 is not used, and is zeros like all the rest
    }
    long end = (upToPages + 1) * pageSize;
    MemorySegment zeros =
        Arena.ofAuto().allocate(Math.min(ZEROS_BYTES, end - position), Disk.BLOCK_BYTES);
    while (position < end) {
      long length = Math.min(zeros.byteSize(), end - position);
      file.write(zeros.asSlice(0, length).asByteBuffer(), position);
      position += length;
    }
  }

  @Override
  public void read(long pageId, ByteBuffer dst) {
    checkPageId(pageId);
    if (dst.remaining() != pageSize) {
      throw new IllegalArgumentException(
          "a page of " + pageSize + " bytes, not of " + dst.remaining());
    }
    if (pages != null) {
      pages.read(dst, pageId * pageSize);
    }
    while (dst.hasRemaining()) {
      dst.put((byte) 0);
    }
  }

  @Override
  public void writeDurably(List<PageImage> images) {
    DiskFile file = writable();
    List<PageImage> sorted = new ArrayList<>(images);
    sorted.sort(Comparator.comparingLong(PageImage::pageId));
    checkImages(sorted);
    int batch = DoubleWriteLayout.maxPages(pageSize);
    writing.lock();
    try {
      gate.check();
      for (int from = 0; from < sorted.size(); from += batch) {
        writeBatch(file, sorted.subList(from, Math.min(sorted.size(), from + batch)));
      }
    } catch (Throwable e) {
      throw gate.halt(e);
    } finally {
      writing.unlock();
    }
  }

  private void writeBatch(DiskFile file, List<PageImage> batch) {
    DoubleWriteFile area = area();
    area.load(batch);
    if (doubleWrite) {
      area.writeCopies(batch.size());
    }
    int from = 0;
    while (from < batch.size()) {
      int to = from + 1;
      while (to < batch.size() && batch.get(to).pageId() == batch.get(to - 1).pageId() + 1) {
        to++;
      }
      file.write(area.images(from, to - from), batch.get(from).pageId() * pageSize);
      from = to;
    }
    // Before this force has returned the area may not be written again (rule 8).
    file.force();
  }

  private void checkImages(List<PageImage> sorted) {
    long previous = 0;
    for (PageImage image : sorted) {
      checkPageId(image.pageId());
      if (image.pageId() == previous) {
        throw new IllegalArgumentException("page " + previous + " twice in one batch");
      }
      if (image.bytes().remaining() != pageSize) {
        throw new IllegalArgumentException(
            "a page of " + pageSize + " bytes, not of " + image.bytes().remaining());
      }
      previous = image.pageId();
    }
  }

  @Override
  public List<Long> restoreTorn(LongPredicate inAnalysisTable) {
    DiskFile file = writable();
    writing.lock();
    try {
      gate.check();
      List<Long> restored = restore(file, inAnalysisTable);
      if (doubleWrite) {
        area().ready();
      } else {
        area().remove();
      }
      return restored;
    } finally {
      writing.unlock();
    }
  }

  private List<Long> restore(DiskFile file, LongPredicate inAnalysisTable) {
    List<DoubleWriteFile.Copy> wanted = new ArrayList<>();
    for (DoubleWriteFile.Copy copy : area().readBatch(verifier)) {
      if (inAnalysisTable.test(copy.pageId()) && isNewerThanHome(copy)) {
        wanted.add(copy);
      }
    }
    wanted.sort(Comparator.comparingLong(DoubleWriteFile.Copy::pageId));
    if (!wanted.isEmpty()) {
      area().forceCopies();
    }
    List<Long> restored = new ArrayList<>();
    for (DoubleWriteFile.Copy copy : wanted) {
      file.write(area().images(copy.index(), 1), copy.pageId() * pageSize);
      restored.add(copy.pageId());
    }
    // Forced even if nothing was restored: what a dead process left readable becomes durable.
    file.force();
    return restored;
  }

  private boolean isNewerThanHome(DoubleWriteFile.Copy copy) {
    MemorySegment home = Arena.ofAuto().allocate(pageSize, Disk.BLOCK_BYTES);
    read(copy.pageId(), home.asByteBuffer());
    boolean homeIsWhole =
        verifier.problem(home, copy.pageId(), PageVerifier.NO_LOG_END, "home") == null;
    long copyLsn = PageLayout.pageLsn(area().image(copy.index()));
    return !homeIsWhole || PageLayout.pageLsn(home) < copyLsn;
  }

  private DiskFile writable() {
    DiskFile file = pages;
    if (file == null || copies == null) {
      throw new IllegalStateException("the pages are open for reading only");
    }
    return file;
  }

  private DoubleWriteFile area() {
    DoubleWriteFile area = copies;
    if (area == null) {
      throw new IllegalStateException("the pages are open for reading only");
    }
    return area;
  }

  private static void checkPageId(long pageId) {
    if (pageId < 1) {
      throw new IllegalArgumentException("page ids start at 1: " + pageId);
    }
  }

  @Override
  public void close() {
    writing.lock();
    try {
      if (copies != null) {
        copies.close();
      }
      if (pages != null) {
        pages.close();
      }
    } finally {
      writing.unlock();
    }
  }
}
