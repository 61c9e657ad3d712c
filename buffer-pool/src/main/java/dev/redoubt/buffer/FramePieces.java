package dev.redoubt.buffer;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The memory of all frames, in pieces of many frames each, so that where a frame's bytes are
 * follows from its index alone. Thread-safe, but for {@link #make}.
 */
final class FramePieces {
  /** What processors fetch from memory at once. */
  private static final int CACHE_LINE = 64;

  /**
   * Header of the page and of what is in it, and the first of the slots behind. Twice as much is no
   * faster when nothing runs beside, and a fifth slower when memory is busy.
   */
  private static final int HEAD_BYTES = 4 * CACHE_LINE;

  /** What is kept at the end: fences of a tree's node, which are short keys. */
  private static final int TAIL_BYTES = CACHE_LINE;

  /** Never closed, only collected: no reader can outlive the memory it reads. */
  private final Arena arena = Arena.ofAuto();

  private final int pageSize;
  private final int framesInPieceBits;
  private final @Nullable MemorySegment[] pieces;

  /** For so many frames in pieces of about so many bytes; both sizes are powers of two. */
  FramePieces(int frames, int pageSize, int pieceBytes) {
    this.pageSize = pageSize;
    this.framesInPieceBits = Integer.numberOfTrailingZeros(Math.max(1, pieceBytes / pageSize));
    this.pieces = new @Nullable MemorySegment[((frames - 1) >>> framesInPieceBits) + 1];
  }

  /** First of the frames that are in one piece with this one. */
  int firstBeside(int frame) {
    return frame & -(1 << framesInPieceBits);
  }

  /** How many frames are in a piece; the last one may have fewer. */
  int framesInPiece() {
    return 1 << framesInPieceBits;
  }

  /**
   * Makes the piece of these frames, zeroed. One thread at a time.
   *
   * @throws OutOfMemoryError if there is no memory
   */
  MemorySegment make(int first, int end) {
    MemorySegment piece = FrameMemory.allocate(arena, (long) (end - first) * pageSize);
    pieces[first >>> framesInPieceBits] = piece;
    return piece;
  }

  /**
   * Reads a word of each cache line at the beginning and the end of a frame, whatever is there.
   * None of these reads has to wait for another, nor the caller for any of them.
   *
   * @return something made of all of them
   */
  long touch(int frame) {
    MemorySegment piece = pieces[frame >>> framesInPieceBits];
    if (piece == null) {
      return 0;
    }
    long start = (long) (frame - firstBeside(frame)) * pageSize;
    long mixed = 0;
    for (int at = 0; at < HEAD_BYTES; at += CACHE_LINE) {
      mixed ^= piece.get(PageLayout.LONG, start + at);
    }
    for (int at = pageSize - TAIL_BYTES; at < pageSize; at += CACHE_LINE) {
      mixed ^= piece.get(PageLayout.LONG, start + at);
    }
    return mixed;
  }
}
