package dev.redoubt.buffer;

import dev.redoubt.io.Environment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * Where pages live when they are not in memory. Ids are dense, from 1. A page that was never
 * written reads as zeros. Thread-safe.
 */
public interface PageStore extends AutoCloseable {
  /** Length of every page in bytes, a power of two from 4096 to 65536. */
  int pageSize();

  /** Pages that have space allocated, durably; ids from 1 to this. */
  long capacityPages();

  /**
   * Makes space for ids up to {@code pages}, or somewhat more: allocated, zero-filled and forced at
   * return. Called with no latch held.
   *
   * @throws dev.redoubt.io.DiskFullException if there is no space; nothing is lost
   */
  void ensureCapacity(long pages);

  /**
   * Fills {@code dst} (one page long) with the page's bytes as they are stored, unverified. Its
   * position has moved to its limit at return.
   *
   * @throws dev.redoubt.io.StorageIoException if the disk fails; {@code dst} is then undefined
   */
  void read(long pageId, ByteBuffer dst);

  /**
   * The same for neighbouring pages, the first of which is {@code firstPageId}: as many as {@code
   * dst} has room for, none beyond {@link #capacityPages}.
   */
  default void readRun(long firstPageId, ByteBuffer dst) {
    int end = dst.limit();
    for (long pageId = firstPageId; dst.position() < end; pageId++) {
      dst.limit(dst.position() + pageSize());
      read(pageId, dst);
    }
    dst.limit(end);
  }

  /**
   * Writes pages so that at return each is home and durable, and that a crash at any moment leaves
   * each of them readable, old or new. The images carry their checksums; the log has been forced
   * past their pageLSNs by the caller (I-1). The images' buffers are read, not kept.
   *
   * @throws dev.redoubt.io.StorageException on any failure: what is on disk is then in doubt, and
   *     the caller halts the engine
   */
  void writeDurably(List<PageImage> images);

  /**
   * The same for pages that nobody waits for: the disk is never given much at a time, so that those
   * who force the log meanwhile wait little longer. Takes longer itself, and may pass the operating
   * system's cache by.
   */
  default void writeGently(List<PageImage> images) {
    writeDurably(images);
  }

  /**
   * From now on {@link #writeDurably} may write pages side by side, by threads of this environment,
   * which end when the store is closed. Without it whatever is written is written in order by the
   * thread that calls. A store that gains nothing by it does nothing.
   */
  default void writeSideBySide(Environment threads) {}

  /**
   * After analysis and before any other write: writes the copies of a batch that was in flight at
   * the crash to their homes, unless the home is valid and at least as new (rule 8). Forced at
   * return.
   *
   * @param inAnalysisTable whether a page is in the dirty page table of analysis; others are left
   * @return ids of the pages restored, ascending
   */
  List<Long> restoreTorn(LongPredicate inAnalysisTable);

  /**
   * The copies that {@link #restoreTorn} would write home, by page id, in memory of their own.
   * Writes nothing; works on a store that is open for reading only.
   */
  default List<PageImage> copiesOfTorn(LongPredicate inAnalysisTable) {
    return List.of();
  }

  /** Where a page is, in words for messages. */
  default String location(long pageId) {
    return "page store, id " + pageId;
  }

  /** A page on its way to disk: {@code bytes} is one page long, checksum in place. */
  record PageImage(long pageId, ByteBuffer bytes) {}

  /** Closes the files; writes nothing. */
  @Override
  void close();
}
