package dev.redoubt.recovery;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Buffers for the short records that only say where a transaction stands, lent without allocating.
 * Thread-safe.
 */
final class RecordBuffers {
  /** More threads than this rarely append such a record at once; further ones allocate. */
  private static final int IDLE = 16;

  private static final int BYTES = 64;

  private final AtomicReferenceArray<@Nullable PayloadWriter> idle =
      new AtomicReferenceArray<>(IDLE);

  /** Lends an empty buffer; {@link #give} it back. */
  PayloadWriter take() {
    int start = (int) Thread.currentThread().threadId();
    for (int i = 0; i < IDLE; i++) {
      int slot = start + i & IDLE - 1;
      PayloadWriter each = idle.get(slot);
      if (each != null && idle.compareAndSet(slot, each, null)) {
        each.position(0);
        return each;
      }
    }
    return new PayloadWriter(BYTES);
  }

  void give(PayloadWriter buffer) {
    int start = (int) Thread.currentThread().threadId();
    for (int i = 0; i < IDLE; i++) {
      int slot = start + i & IDLE - 1;
      if (idle.get(slot) == null && idle.compareAndSet(slot, null, buffer)) {
        return;
      }
    }
  }
}
