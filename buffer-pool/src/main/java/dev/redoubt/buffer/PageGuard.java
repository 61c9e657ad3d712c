package dev.redoubt.buffer;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A page in memory, latched shared or exclusively until {@link #close}. The only way to a page's
 * bytes besides {@link OptimisticPage}. Confined to one thread at a time; latches are not
 * reentrant: a thread that asks for a page it holds waits for itself.
 *
 * <p>A change to a page follows the recipe (DESIGN section 3). The order matters:
 *
 * <ol>
 *   <li>exclusive guard;
 *   <li>{@link #prepareChange}: recLSN is set from the end of the log <em>before</em> the append.
 *       Set after it, a checkpoint in between would know neither the record nor the page;
 *   <li>append the record;
 *   <li>apply it to {@link #page};
 *   <li>{@link #changed}: pageLSN;
 *   <li>{@link #close}.
 * </ol>
 */
public final class PageGuard implements AutoCloseable {
  private final BufferPool pool;
  private final Frame frame;
  private final boolean exclusive;
  private boolean open = true;

  PageGuard(BufferPool pool, Frame frame, boolean exclusive) {
    this.pool = pool;
    this.frame = frame;
    this.exclusive = exclusive;
  }

  /** Id of the page. */
  public long pageId() {
    return frame.pageId();
  }

  /**
   * The whole page, header included; writable only under an exclusive guard, by redo. Not to be
   * used after {@link #close}: the frame may hold another page by then (its memory stays valid).
   *
   * @throws IllegalStateException if the guard is closed
   */
  public MemorySegment page() {
    checkOpen();
    return frame.page;
  }

  /** pageLSN; 0 for a page that no record has touched, and for an unreadable one. */
  public long pageLsn() {
    return PageLayout.pageLsn(page());
  }

  /** Whether the page is held exclusively. */
  public boolean isExclusive() {
    return exclusive;
  }

  /** Whether the page differs from its disk copy, or may. */
  public boolean isDirty() {
    checkOpen();
    return frame.isDirty();
  }

  /**
   * Why the stored page could not be used ({@link BufferPool#forRedo} only); null if it is good,
   * was never formatted, or has been formatted since. The page reads as zeros.
   */
  public @Nullable RuntimeException unreadable() {
    checkOpen();
    return frame.defect;
  }

  /**
   * Recipe, step 2: if the page is clean its recLSN becomes the log's current end. Once this has
   * been called the page stays in memory until it has been written, also if the change is given up.
   *
   * @throws IllegalStateException if the guard is shared or closed
   */
  public void prepareChange() {
    checkExclusive();
    if (!frame.isDirty()) {
      pool.turnDirty(frame);
    }
  }

  /**
   * Restart: the page is dirty from {@code recLsn}, the analysis recLSN, on, whether or not redo
   * will find anything to apply: it may be readable and yet not durable (rule 13). A smaller recLSN
   * that it has already stays.
   *
   * @throws IllegalStateException if the guard is shared or closed
   */
  public void prepareRedo(long recLsn) {
    checkExclusive();
    if (!frame.isDirty() || recLsn < frame.recLsn()) {
      pool.frames().markDirty(frame, recLsn);
    }
  }

  /**
   * Recipe, step 5: the change of the record at {@code lsn} has been applied; sets the pageLSN.
   *
   * @throws IllegalStateException if the guard is shared or closed, if neither {@link
   *     #prepareChange} nor {@link #prepareRedo} came first, or if the record lies before recLSN;
   *     then a page was changed that the dirty page table does not cover, and the engine must halt
   */
  public void changed(long lsn) {
    checkExclusive();
    if (!frame.isDirty() || lsn < frame.recLsn()) {
      throw new IllegalStateException(
          "I-4: page "
              + frame.pageId()
              + " changed by the record at "
              + lsn
              + " with recLSN "
              + frame.recLsn());
    }
    PageLayout.setPageLsn(frame.page, lsn);
    if (frame.provisional) {
      frame.provisional = false;
      frame.defect = null;
      pool.formatted(frame.pageId());
    }
  }

  /**
   * Restart: the page has been brought to its last version and is in the dirty page table; it is
   * owed nothing from now on, and everyone may have it. Of {@link BufferPool#forOwedRedo} only.
   *
   * @throws IllegalStateException if the guard is shared or closed, or the page is not dirty
   */
  public void redone() {
    checkExclusive();
    if (!frame.isDirty() || frame.provisional) {
      throw new IllegalStateException("page " + frame.pageId() + " is not redone, or not dirty");
    }
    pool.redone(frame);
  }

  /**
   * The bytes are not to be kept, whatever was done to them: the page leaves the pool, and the
   * dirty page table, when the guard closes; the stored page is as it was. For redo that failed
   * halfway.
   *
   * @throws IllegalStateException if the guard is shared or closed
   */
  public void giveUp() {
    checkExclusive();
    frame.provisional = true;
  }

  /**
   * Unlatches the page. Closing again does nothing. A page that was fresh, never formatted or
   * unreadable, and to which no change was applied, leaves the pool and the dirty page table.
   */
  @Override
  public void close() {
    if (!open) {
      return;
    }
    open = false;
    if (!exclusive) {
      frame.latch.releaseShared();
    } else if (frame.provisional) {
      pool.discard(frame);
    } else {
      frame.latch.releaseExclusive();
    }
  }

  private void checkOpen() {
    if (!open) {
      throw new IllegalStateException("the guard is closed");
    }
  }

  private void checkExclusive() {
    checkOpen();
    if (!exclusive) {
      throw new IllegalStateException("page " + frame.pageId() + " is held shared, not exclusive");
    }
  }
}
