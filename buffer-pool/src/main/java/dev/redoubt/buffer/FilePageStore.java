package dev.redoubt.buffer;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.Environment;
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

  /** The longest transfer of {@link #writeGently}, or one page. */
  static final int GENTLE_BYTES = 32 << 10;

  private final int pageSize;
  private final boolean doubleWrite;
  private final PageVerifier verifier;
  private final PageFile pages;
  private final DoubleWriteFile copies;
  private final boolean readOnly;
  private final boolean direct;
  private final HaltGate gate = new HaltGate();
  private final ReentrantLock writing = new ReentrantLock();
  private final HomeWriters homes = new HomeWriters();

  private FilePageStore(
      UUID storeId,
      int pageSize,
      boolean doubleWrite,
      PageFile pages,
      DoubleWriteFile copies,
      Disk.Caching caching,
      boolean readOnly) {
    this.readOnly = readOnly;
    this.direct = caching == Disk.Caching.DIRECT;
    this.pageSize = pageSize;
    this.doubleWrite = doubleWrite;
    this.verifier = new PageVerifier(storeId, pageSize);
    this.pages = pages;
    this.copies = copies;
  }

  /** Whether the disk has a page file. */
  public static boolean exists(Disk disk) {
    return disk.exists(PAGES_FILE);
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
    return new FilePageStore(
        storeId,
        pageSize,
        doubleWrite,
        openPages(disk, pageSize, caching),
        new DoubleWriteFile(disk, storeId, pageSize, false),
        caching,
        false);
  }

  private static PageFile openPages(Disk disk, int pageSize, Disk.Caching caching) {
    boolean isNew = !disk.exists(PAGES_FILE);
    DiskFile pages = disk.open(PAGES_FILE, isNew ? Disk.Access.CREATE : Disk.Access.WRITE, caching);
    try {
      if (isNew) {
        disk.forceDirectory();
      }
      long bytes = pages.size();
      DiskFile past =
          caching == Disk.Caching.DIRECT
              ? pages
              : disk.open(PAGES_FILE, Disk.Access.WRITE, Disk.Caching.DIRECT);
      return new PageFile(pages, past, bytes, pageSize);
    } catch (Throwable e) {
      try (pages) {
        throw e;
      }
    }
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
    return new FilePageStore(
        storeId,
        pageSize,
        false,
        new PageFile(pages, null, pages == null ? 0 : pages.size(), pageSize),
        new DoubleWriteFile(disk, storeId, pageSize, true),
        Disk.Caching.BUFFERED,
        true);
  }

  @Override
  public int pageSize() {
    return pageSize;
  }

  @Override
  public long capacityPages() {
    return pages.capacityPages();
  }

  @Override
  public String location(long pageId) {
    return "file " + PAGES_FILE + ", offset " + pageId * pageSize;
  }

  @Override
  public void ensureCapacity(long wantedPages) {
    if (wantedPages <= pages.capacityPages()) {
      return;
    }
    checkWritable();
    writing.lock();
    try {
      gate.check();
      if (wantedPages > pages.capacityPages()) {
        grow(wantedPages);
      }
    } finally {
      writing.unlock();
    }
  }

  private void grow(long wantedPages) {
    long filled = pages.zeroFill(wantedPages);
    try {
      pages.force();
    } catch (Throwable e) {
      throw gate.halt(e);
    }
    pages.grown(filled);
  }

  @Override
  public void read(long pageId, ByteBuffer dst) {
    checkPageId(pageId);
    if (dst.remaining() != pageSize) {
      throw new IllegalArgumentException(
          "a page of " + pageSize + " bytes, not of " + dst.remaining());
    }
    pages.read(pageId, dst);
  }

  @Override
  public void readRun(long firstPageId, ByteBuffer dst) {
    checkPageId(firstPageId);
    pages.read(firstPageId, dst); // they lie beside each other
  }

  @Override
  public void writeDurably(List<PageImage> images) {
    write(images, false);
  }

  @Override
  public void writeGently(List<PageImage> images) {
    write(images, true);
  }

  private void write(List<PageImage> images, boolean gently) {
    checkWritable();
    List<PageImage> sorted = new ArrayList<>(images);
    sorted.sort(Comparator.comparingLong(PageImage::pageId));
    checkImages(sorted);
    int batch = DoubleWriteLayout.maxPages(pageSize);
    writing.lock();
    try {
      gate.check();
      for (int from = 0; from < sorted.size(); from += batch) {
        writeBatch(sorted.subList(from, Math.min(sorted.size(), from + batch)), gently);
      }
    } catch (Throwable e) {
      throw gate.halt(e);
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void writeSideBySide(Environment threads) {
    // Through the operating system's cache a write is a copy in memory, and its force writes side
    // by side: more threads would only take the processor from those who commit.
    if (direct) {
      homes.useThreads(threads);
    }
  }

  private void writeBatch(List<PageImage> batch, boolean gently) {
    copies.load(batch);
    if (doubleWrite) {
      copies.writeCopies(batch.size(), gently);
    }
    // Before the force has returned the area may not be written again (rule 8).
    List<Run> runs = runs(batch);
    if (gently) {
      runs.forEach(this::writeGently);
      pages.forcePast();
    } else {
      homes.write(runs.stream().<Runnable>map(run -> () -> write(run)).toList());
      pages.force();
    }
  }

  /** Neighbours in a batch. */
  private record Run(int from, int count, long firstPageId) {}

  private static List<Run> runs(List<PageImage> batch) {
    List<Run> runs = new ArrayList<>();
    int from = 0;
    while (from < batch.size()) {
      int to = from + 1;
      while (to < batch.size() && batch.get(to).pageId() == batch.get(to - 1).pageId() + 1) {
        to++;
      }
      runs.add(new Run(from, to - from, batch.get(from).pageId()));
      from = to;
    }
    return runs;
  }

  private void write(Run run) {
    pages.write(run.firstPageId, copies.images(run.from, run.count));
  }

  /**
   * Past the operating system's cache, which would give the disk all of a batch at once when it is
   * forced, and in pieces: a force of the log waits for what the disk has in hand.
   */
  private void writeGently(Run run) {
    int piece = Math.max(1, GENTLE_BYTES / pageSize);
    for (int done = 0; done < run.count; done += piece) {
      int count = Math.min(piece, run.count - done);
      pages.writePast(run.firstPageId + done, copies.images(run.from + done, count));
    }
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
    checkWritable();
    writing.lock();
    try {
      gate.check();
      List<Long> restored = restore(inAnalysisTable);
      if (doubleWrite) {
        copies.ready();
      } else {
        copies.remove();
      }
      return restored;
    } finally {
      writing.unlock();
    }
  }

  private List<Long> restore(LongPredicate inAnalysisTable) {
    List<DoubleWriteFile.Copy> wanted = wantedCopies(inAnalysisTable);
    if (!wanted.isEmpty()) {
      copies.forceCopies();
    }
    List<Long> restored = new ArrayList<>();
    for (DoubleWriteFile.Copy copy : wanted) {
      pages.write(copy.pageId(), copies.images(copy.index(), 1));
      restored.add(copy.pageId());
    }
    // Forced even if nothing was restored: what a dead process left readable becomes durable.
    pages.force();
    return restored;
  }

  private List<DoubleWriteFile.Copy> wantedCopies(LongPredicate inAnalysisTable) {
    List<DoubleWriteFile.Copy> wanted = new ArrayList<>();
    for (DoubleWriteFile.Copy copy : copies.readBatch(verifier)) {
      if (inAnalysisTable.test(copy.pageId()) && isNewerThanHome(copy)) {
        wanted.add(copy);
      }
    }
    wanted.sort(Comparator.comparingLong(DoubleWriteFile.Copy::pageId));
    return wanted;
  }

  @Override
  public List<PageImage> copiesOfTorn(LongPredicate inAnalysisTable) {
    writing.lock();
    try {
      List<PageImage> images = new ArrayList<>();
      for (DoubleWriteFile.Copy copy : wantedCopies(inAnalysisTable)) {
        ByteBuffer bytes = ByteBuffer.allocate(pageSize);
        bytes.put(copies.images(copy.index(), 1)).flip();
        images.add(new PageImage(copy.pageId(), bytes));
      }
      return images;
    } finally {
      writing.unlock();
    }
  }

  private boolean isNewerThanHome(DoubleWriteFile.Copy copy) {
    MemorySegment home = Arena.ofAuto().allocate(pageSize, Disk.BLOCK_BYTES);
    read(copy.pageId(), home.asByteBuffer());
    boolean homeIsWhole =
        verifier.problem(home, copy.pageId(), PageVerifier.NO_LOG_END, "home") == null;
    long copyLsn = PageLayout.pageLsn(copies.image(copy.index()));
    return !homeIsWhole || PageLayout.pageLsn(home) < copyLsn;
  }

  private void checkWritable() {
    if (readOnly) {
      throw new IllegalStateException("the pages are open for reading only");
    }
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
      homes.stop();
      copies.close();
      pages.close();
    } finally {
      writing.unlock();
    }
  }
}
