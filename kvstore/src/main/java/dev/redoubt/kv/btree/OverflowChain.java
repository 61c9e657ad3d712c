package dev.redoubt.kv.btree;

import static dev.redoubt.kv.btree.NodeLayout.*;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.buffer.PageLayout;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.recovery.Engine;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Reads the pages of one chain, each checked; one page is latched at a time. Confined to one
 * thread. The chain must not be freed meanwhile: whoever reads still sees its reference.
 */
final class OverflowChain implements OverflowPieces {
  private final Engine engine;
  private final OverflowRef ref;
  private final int treeId;
  private final CRC32C crc = new CRC32C();

  /** Bytes of the value not yet walked, and the page where they begin. */
  private long left;

  private long pageId;

  /** {@code treeId}: expected owner of the pages, or -1 for any. */
  OverflowChain(Engine engine, OverflowRef ref, int treeId) {
    this.engine = engine;
    this.ref = ref;
    this.treeId = treeId;
    this.left = ref.lengthBytes();
    this.pageId = ref.firstPage();
  }

  /** Takes a piece of the value; the segment is valid during the call only. */
  @FunctionalInterface
  interface Chunks {
    void accept(MemorySegment page, long offset, int lengthBytes);
  }

  static int chunkBytes(int pageSize) {
    return pageSize - CHUNK;
  }

  byte[] read() {
    checkLength();
    byte[] value = new byte[(int) ref.lengthBytes()];
    MemorySegment target = MemorySegment.ofArray(value);
    long filled = 0;
    int length;
    do {
      length = next(target, filled);
      filled += length;
    } while (length > 0);
    return value;
  }

  /** Bounds the length before anybody allocates it. */
  void checkLength() {
    int chunk = chunkBytes(engine.pool().pageSize());
    long most = Math.min(engine.pool().store().capacityPages() * chunk, Integer.MAX_VALUE - 8);
    if (ref.lengthBytes() < 0 || ref.lengthBytes() > most) {
      throw new CorruptionException(
          "an overflow reference to page "
              + ref.firstPage()
              + " has length "
              + ref.lengthBytes()
              + ", more than the store can hold");
    }
  }

  @Override
  public long lengthBytes() {
    return ref.lengthBytes();
  }

  @Override
  public int maxPieceBytes() {
    return chunkBytes(engine.pool().pageSize());
  }

  @Override
  public int next(MemorySegment into, long at) {
    return left > 0
        ? step((page, offset, length) -> MemorySegment.copy(page, offset, into, at, length))
        : checkEnd();
  }

  void verify(VerifySink sink) {
    try {
      while (left > 0) {
        long visited = pageId;
        step((page, offset, length) -> sink.page(visited));
      }
      checkEnd();
    } catch (CorruptionException | StorageIoException e) {
      if (pageId != 0) {
        sink.page(pageId);
      }
      sink.problem("page " + pageId + " of tree " + treeId + ": " + e.getMessage());
    }
  }

  private int step(Chunks chunks) {
    try (PageGuard guard = engine.pool().shared(pageId)) {
      MemorySegment page = guard.page();
      int length = check(pageId, page, left);
      crc.update(bytes(page, length));
      chunks.accept(page, CHUNK, length);
      left -= length;
      pageId = page.get(LONG, NEXT_PAGE);
      return length;
    }
  }

  /** The chain ends where it should, and the value is what was written; returns 0. */
  private int checkEnd() {
    if (pageId != 0) {
      throw new CorruptionException(
          "the overflow chain from page " + ref.firstPage() + " goes on to " + pageId + " too far");
    }
    if ((int) crc.getValue() != ref.crc()) {
      throw new CorruptionException(
          String.format(
              "the value in overflow pages from %d on has CRC-32C %08x, expected %08x",
              ref.firstPage(), (int) crc.getValue(), ref.crc()));
    }
    return 0;
  }

  private static ByteBuffer bytes(MemorySegment page, int length) {
    return page.asSlice(CHUNK, length).asByteBuffer();
  }

  private int check(long pageId, MemorySegment page, long left) {
    int length = page.get(INT, CHUNK_LENGTH);
    if (PageLayout.type(page) != OVERFLOW_TYPE
        || (treeId >= 0 && PageLayout.owner(page) != treeId)
        || length < 1
        || length > left
        || length > chunkBytes((int) page.byteSize())) {
      throw new CorruptionException(
          "page "
              + pageId
              + ": expected an overflow page of tree "
              + treeId
              + " with at most "
              + left
              + " bytes, found type "
              + PageLayout.type(page)
              + " of owner "
              + PageLayout.owner(page)
              + " with "
              + length);
    }
    return length;
  }
}
