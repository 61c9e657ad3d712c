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
   * Adds "page is in use" to {@code change}; latches the bitmap page, last of all pages, until the
   * returned guard is closed after the append.
   */
  public AutoCloseableGuard addAllocate(AtomicChange change, long pageId) {
    throw new AssertionError("skeleton");
  }

  /** The same for "page is free". */
  public AutoCloseableGuard addFree(AtomicChange change, long pageId) {
    throw new AssertionError("skeleton");
  }

  public boolean isAllocated(long pageId) {
    throw new AssertionError("skeleton");
  }

  public long allocatedPages() {
    throw new AssertionError("skeleton");
  }

  /** Several bitmap latches under one roof, taken in page order. */
  public interface AutoCloseableGuard extends AutoCloseable {
    @Override
    void close();
  }
}
