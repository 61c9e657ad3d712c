package dev.redoubt.buffer;

import java.lang.foreign.MemorySegment;

/** Skeleton: a latched page. */
public final class PageGuard implements AutoCloseable {
  PageGuard() {}

  public long pageId() {
    throw new AssertionError("skeleton");
  }

  /** The whole page, header included; writable only under an exclusive guard, by redo. */
  public MemorySegment page() {
    throw new AssertionError("skeleton");
  }

  public long pageLsn() {
    throw new AssertionError("skeleton");
  }

  public boolean isExclusive() {
    throw new AssertionError("skeleton");
  }

  /** Why the stored page could not be used ({@code forRedo} only); null if it is good. */
  public @org.jspecify.annotations.Nullable RuntimeException unreadable() {
    throw new AssertionError("skeleton");
  }

  /** Recipe, step 1: if the frame is clean its recLSN becomes the log's current end. */
  public void prepareChange() {
    throw new AssertionError("skeleton");
  }

  /** Restart: the frame is dirty from {@code recLsn}, the analysis recLSN, on (rule 13). */
  public void prepareRedo(long recLsn) {
    throw new AssertionError("skeleton");
  }

  /** Recipe, last step: the change of the record at {@code lsn} has been applied. */
  public void changed(long lsn) {
    throw new AssertionError("skeleton");
  }

  @Override
  public void close() {
    throw new AssertionError("skeleton");
  }
}
