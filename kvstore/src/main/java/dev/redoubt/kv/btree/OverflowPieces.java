package dev.redoubt.kv.btree;

import java.lang.foreign.MemorySegment;

/**
 * A large value that is read piece by piece, a page of its chain at a time. Confined to one thread.
 * The chain must not be freed meanwhile: whoever reads still sees its reference.
 */
public interface OverflowPieces {
  /** Length of the whole value. */
  long lengthBytes();

  /** A piece is never longer. */
  int maxPieceBytes();

  /**
   * Copies the next piece to {@code into} from {@code at} on. No latch is held at return.
   *
   * @return its length in bytes; 0 behind the last, when the whole value has been verified
   * @throws dev.redoubt.io.CorruptionException naming the page, if the chain is damaged
   */
  int next(MemorySegment into, long at);
}
