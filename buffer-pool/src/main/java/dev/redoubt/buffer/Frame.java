package dev.redoubt.buffer;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * A place for one page in memory. Made once; the page in it changes. What is said to be guarded is
 * guarded by {@link #latch}.
 *
 * <p>Outside this package it is the way to read a page without a latch and without allocating, as
 * {@link OptimisticPage} describes: {@link BufferPool#frame}, {@link #stamp}, read {@link #page},
 * {@link #validate}. Thread-safe.
 */
public final class Frame {
  /** The page turns dirty at this moment; its recLSN follows at once. */
  static final long TURNING_DIRTY = Long.MAX_VALUE;

  final int index;

  /**
   * The page's bytes: read under a shared latch or validated, written under the exclusive one. Made
   * before the first page comes in, and then for good; published with the page.
   */
  MemorySegment page = MemorySegment.NULL;

  final VersionLatch latch;

  /**
   * Of all frames; at {@link #index} this one's recLSN: 0 when clean. Set from 0 under the
   * exclusive latch; cleared or raised by the one cleaner at work under the shared latch. Read by
   * anyone.
   */
  private final AtomicLongArray recLsns;

  /** The page's id boxed once, for the replacement policy. Guarded by the exclusive latch. */
  Long policyKey = 0L;

  /**
   * The bytes are not a page yet (fresh, blank or unreadable): unless a change is applied the frame
   * is given up when the guard closes. Only ever true under the exclusive latch.
   */
  boolean provisional;

  /**
   * No page was ever in it: its bytes are zeros. Set with its memory, cleared under the exclusive
   * latch before anything is written to it.
   */
  boolean unwritten;

  /** Why the stored page could not be used. Only ever set under the exclusive latch. */
  @Nullable RuntimeException defect;

  /** Touched since CLOCK's hand last passed. Races are harmless. */
  boolean referenced;

  /** Among the {@link Victims}. Races put it there twice at the worst. */
  boolean victim;

  /** Picked for the batch in hand. Guarded by the cleaner's lock. */
  boolean picked;

  /**
   * Begins to read the page of that id without a latch.
   *
   * @return for {@link #validate}; negative if the frame holds another page, or somebody writes
   */
  public long stamp(long pageId) {
    long stamp = latch.optimistic();
    return latch.tag() == pageId ? stamp : VersionLatch.NO_STAMP;
  }

  /**
   * The bytes, header included; any mixture until {@link #validate} says so. Never to be written.
   */
  public MemorySegment page() {
    return page;
  }

  /** Whether all that was read since the stamp was taken is of that page and consistent. */
  public boolean validate(long stamp) {
    return latch.validate(stamp);
  }

  /**
   * @param recLsns of all frames, beside each other: who looks for the oldest goes through them
   */
  Frame(int index, LatchQueue queue, AtomicLongArray recLsns) {
    this.index = index;
    this.recLsns = recLsns;
    this.latch = new VersionLatch(queue);
  }

  boolean hasMemory() {
    return page.byteSize() != 0;
  }

  /** The page in the frame; 0 if it is empty. */
  long pageId() {
    return pageOf(latch.tag());
  }

  /**
   * The tag of a frame whose page is owed redo: nobody who wants the page can latch it by its id.
   */
  static long hidden(long pageId) {
    return ~pageId;
  }

  /** The page that a latch with this tag is of, hidden or not. */
  static long pageOf(long tag) {
    return tag < 0 ? ~tag : tag;
  }

  /**
   * The last record applied to the page, for the dirty page table; 0 if somebody holds the page
   * exclusively, who may have appended another one and not applied it yet, or if another page is
   * here. A page that is owed redo, and so was when this copying began, is behind what its debt
   * says: {@link DirtyPage#NO_HEAD}. Never waits.
   */
  long head(long pageId) {
    long stamp = latch.optimistic();
    long tag = latch.tag();
    if (stamp == VersionLatch.NO_STAMP || pageOf(tag) != pageId) {
      return 0;
    }
    long lsn = tag < 0 ? 0 : PageLayout.pageLsn(page);
    return latch.validate(stamp) ? Math.max(lsn, DirtyPage.NO_HEAD) : 0;
  }

  long recLsn() {
    return recLsns.get(index);
  }

  boolean isDirty() {
    return recLsns.get(index) != 0;
  }

  void setRecLsn(long lsn) {
    recLsns.set(index, lsn);
  }
}
