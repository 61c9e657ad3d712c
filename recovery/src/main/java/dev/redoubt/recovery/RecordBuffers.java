package dev.redoubt.recovery;

import org.jspecify.annotations.Nullable;

/**
 * Buffers for the short records that only say where a transaction stands, lent without allocating.
 * Thread-safe.
 */
final class RecordBuffers {
  /** More threads than this rarely append such a record at once; further ones allocate. */
  private static final int IDLE = 16;

  private static final int BYTES = 64;

  private final IdleObjects<PayloadWriter> idle = new IdleObjects<>(IDLE);

  /** Lends an empty buffer; {@link #give} it back. */
  PayloadWriter take() {
    @Nullable PayloadWriter buffer = idle.take();
    if (buffer == null) {
      return new PayloadWriter(BYTES);
    }
    buffer.position(0);
    return buffer;
  }

  void give(PayloadWriter buffer) {
    idle.give(buffer);
  }
}
