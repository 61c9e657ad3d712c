package dev.redoubt.buffer;

import java.lang.foreign.MemorySegment;

/** Skeleton: a page read without a latch; nothing read counts before {@link #validate}. */
public final class OptimisticPage {
  OptimisticPage() {}

  public MemorySegment page() {
    throw new AssertionError("skeleton");
  }

  /** Whether everything read through {@link #page} since this was obtained is consistent. */
  public boolean validate() {
    throw new AssertionError("skeleton");
  }
}
