package dev.redoubt.recovery;

/** Skeleton: which pages are in use; a bitmap in pages of its own. Thread-safe. */
public final class SpaceMap {
  SpaceMap() {}

  /**
   * Claims a free page in memory and makes sure the file has room for it. Called with no latch
   * held. Nothing is logged before {@link #addAllocate}.
   */
  public long reserve() {
    throw new AssertionError("skeleton");
  }

  /** Gives back a page that was reserved and not allocated. */
  public void cancel(long pageId) {
    throw new AssertionError("skeleton");
  }

  /**
   * Adds "page is in use" to {@code change}. No latch is taken here: the engine latches the bitmap
   * page itself when the change is logged, last of all pages and in page order, and lets go of it
   * when the change has been applied. May be called for several pages in one change.
   */
  public void addAllocate(AtomicChange change, long pageId) {
    throw new AssertionError("skeleton");
  }

  /** The same for "page is free"; others may reserve it once the change has been applied. */
  public void addFree(AtomicChange change, long pageId) {
    throw new AssertionError("skeleton");
  }

  public boolean isAllocated(long pageId) {
    throw new AssertionError("skeleton");
  }

  public long allocatedPages() {
    throw new AssertionError("skeleton");
  }
}
