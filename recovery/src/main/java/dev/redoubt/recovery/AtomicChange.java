package dev.redoubt.recovery;

import dev.redoubt.buffer.PageGuard;
import java.lang.foreign.MemorySegment;

/**
 * Skeleton: collects the page changes of one log record. Reusable after {@link #reset}; confined to
 * one thread at a time. Guards stay the caller's.
 */
public final class AtomicChange {
  public AtomicChange() {
    throw new AssertionError("skeleton");
  }

  public AtomicChange reset() {
    throw new AssertionError("skeleton");
  }

  /** Starts the change of one page; the put methods that follow write its body. */
  public AtomicChange on(PageGuard guard, ResourceManager manager) {
    throw new AssertionError("skeleton");
  }

  /** The same for a change that formats the page: redo applies it to whatever is there. */
  public AtomicChange format(PageGuard guard, ResourceManager manager) {
    throw new AssertionError("skeleton");
  }

  public AtomicChange putByte(int value) {
    throw new AssertionError("skeleton");
  }

  /** Little-endian. */
  public AtomicChange putShort(int value) {
    throw new AssertionError("skeleton");
  }

  public AtomicChange putInt(int value) {
    throw new AssertionError("skeleton");
  }

  public AtomicChange putLong(long value) {
    throw new AssertionError("skeleton");
  }

  /** Unsigned LEB128. */
  public AtomicChange putVarint(long value) {
    throw new AssertionError("skeleton");
  }

  public AtomicChange putBytes(byte[] bytes) {
    throw new AssertionError("skeleton");
  }

  public AtomicChange putBytes(MemorySegment source, long offset, int lengthBytes) {
    throw new AssertionError("skeleton");
  }
}
