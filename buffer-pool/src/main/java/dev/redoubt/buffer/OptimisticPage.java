package dev.redoubt.buffer;

import java.lang.foreign.MemorySegment;

/**
 * A page read without a latch. Nothing read counts before {@link #validate} has returned true; what
 * is read before may be any mixture of bytes, of another page too: lengths and offsets taken from
 * it must be bounded, loops and allocations as well, and an {@link IndexOutOfBoundsException} means
 * no more than that validation will fail. Nothing has to be closed. Confined to one thread;
 * reusable through {@link BufferPool#optimistic(long, OptimisticPage)}, which allocates nothing.
 */
public final class OptimisticPage {
  private Frame frame;
  private long pageId;
  private long stamp = VersionLatch.NO_STAMP;

  OptimisticPage(Frame any) {
    this.frame = any;
  }

  void set(Frame newFrame, long newPageId, long newStamp) {
    this.frame = newFrame;
    this.pageId = newPageId;
    this.stamp = newStamp;
  }

  /** Id of the page asked for. */
  public long pageId() {
    return pageId;
  }

  /** The whole page, header included; never to be written. */
  public MemorySegment page() {
    return frame.page;
  }

  /**
   * Whether everything read through {@link #page} since this was obtained is consistent: the page
   * was in its place all the time and nobody held it exclusively.
   */
  public boolean validate() {
    return frame.latch.validate(stamp);
  }
}
