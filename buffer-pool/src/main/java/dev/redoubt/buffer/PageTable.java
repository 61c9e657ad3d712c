package dev.redoubt.buffer;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which frame a page is in. Page ids are dense, so this is an array of arrays: a lookup is two
 * loads and allocates nothing. Thread-safe; lookups never wait.
 *
 * <p>Chunks are made when first needed and stay: 4 bytes for each page of the store.
 */
final class PageTable {
  private static final int CHUNK_BITS = 12;
  private static final int CHUNK_MASK = (1 << CHUNK_BITS) - 1;

  private final ReentrantLock growth = new ReentrantLock();

  @SuppressWarnings({"unchecked", "rawtypes"})
  private volatile @Nullable AtomicReferenceArray<@Nullable Frame>[] directory =
      new AtomicReferenceArray[16];

  /** The frame that holds or is loading the page; null if none is. It may change at any moment. */
  @Nullable Frame get(long pageId) {
    var chunks = directory;
    long chunkIndex = pageId >>> CHUNK_BITS;
    if (chunkIndex >= chunks.length) {
      return null;
    }
    var chunk = chunks[(int) chunkIndex];
    return chunk == null ? null : chunk.getAcquire((int) pageId & CHUNK_MASK);
  }

  /** Enters a frame; false if the page has one already. */
  boolean putIfAbsent(long pageId, Frame frame) {
    return chunk(pageId).compareAndSet((int) pageId & CHUNK_MASK, null, frame);
  }

  void remove(long pageId, Frame frame) {
    chunk(pageId).compareAndSet((int) pageId & CHUNK_MASK, frame, null);
  }

  private AtomicReferenceArray<@Nullable Frame> chunk(long pageId) {
    var chunks = directory;
    int chunkIndex = Math.toIntExact(pageId >>> CHUNK_BITS);
    if (chunkIndex < chunks.length) {
      var chunk = chunks[chunkIndex];
      if (chunk != null) {
        return chunk;
      }
    }
    return makeChunk(chunkIndex);
  }

  private AtomicReferenceArray<@Nullable Frame> makeChunk(int chunkIndex) {
    growth.lock();
    try {
      var chunks = directory;
      if (chunkIndex < chunks.length && chunks[chunkIndex] != null) {
        return chunks[chunkIndex];
      }
      var grown =
          Arrays.copyOf(chunks, Math.max(chunks.length, Integer.highestOneBit(chunkIndex) * 2));
      var chunk = new AtomicReferenceArray<@Nullable Frame>(1 << CHUNK_BITS);
      grown[chunkIndex] = chunk;
      directory = grown;
      return chunk;
    } finally {
      growth.unlock();
    }
  }
}
