package dev.redoubt.buffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which frame a page is in. Page ids are dense, so this is an array of arrays: a lookup is a load
 * from each and allocates nothing. Thread-safe; lookups never wait.
 *
 * <p>Chunks are made when first needed and stay: 8 bytes for each page of the store.
 */
final class PageTable {
  private static final int CHUNK_BITS = 12;
  private static final int CHUNK_MASK = (1 << CHUNK_BITS) - 1;

  /**
   * Entries are published with release and read with acquire: a frame is seen with its contents.
   */
  private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(Frame[].class);

  private final ReentrantLock growth = new ReentrantLock();
  private volatile @Nullable Frame[] @Nullable [] directory = new Frame[16][];

  /** Indexes of the frames in the directory: what is found without waiting for a frame's memory. */
  private volatile int[] @Nullable [] places = new int[16][];

  /** The frame that holds or is loading the page; null if none is. It may change at any moment. */
  @Nullable Frame get(long pageId) {
    @Nullable Frame[] @Nullable [] chunks = directory;
    long chunkIndex = pageId >>> CHUNK_BITS;
    if (chunkIndex >= chunks.length) {
      return null;
    }
    @Nullable Frame @Nullable [] chunk = chunks[(int) chunkIndex];
    return chunk == null ? null : (Frame) ENTRY.getAcquire(chunk, (int) pageId & CHUNK_MASK);
  }

  /**
   * The index of the frame that the page was in when it was last seen, without a look at the frame
   * itself; 0 if it never was in one. Only a hint.
   */
  int lastPlace(long pageId) {
    int[] @Nullable [] chunks = places;
    long chunkIndex = pageId >>> CHUNK_BITS;
    int @Nullable [] chunk = chunkIndex < chunks.length ? chunks[(int) chunkIndex] : null;
    return chunk == null ? 0 : chunk[(int) pageId & CHUNK_MASK];
  }

  /** Enters a frame; false if the page has one already. */
  boolean putIfAbsent(long pageId, Frame frame) {
    @Nullable Frame[] chunk = chunk(pageId);
    int at = (int) pageId & CHUNK_MASK;
    if (!ENTRY.compareAndSet(chunk, at, (Frame) null, frame)) {
      return false;
    }
    Objects.requireNonNull(places[(int) (pageId >>> CHUNK_BITS)])[at] = frame.index;
    return true;
  }

  void remove(long pageId, Frame frame) {
    ENTRY.compareAndSet(chunk(pageId), (int) pageId & CHUNK_MASK, frame, (Frame) null);
  }

  private @Nullable Frame[] chunk(long pageId) {
    @Nullable Frame[] @Nullable [] chunks = directory;
    int chunkIndex = Math.toIntExact(pageId >>> CHUNK_BITS);
    if (chunkIndex < chunks.length) {
      @Nullable Frame @Nullable [] chunk = chunks[chunkIndex];
      if (chunk != null) {
        return chunk;
      }
    }
    return makeChunk(chunkIndex);
  }

  private @Nullable Frame[] makeChunk(int chunkIndex) {
    growth.lock();
    try {
      @Nullable Frame[] @Nullable [] chunks = directory;
      if (chunkIndex < chunks.length) {
        @Nullable Frame @Nullable [] made = chunks[chunkIndex];
        if (made != null) {
          return made;
        }
      }
      @Nullable Frame[] @Nullable [] grown =
          Arrays.copyOf(chunks, Math.max(chunks.length, Integer.highestOneBit(chunkIndex) * 2));
      @Nullable Frame[] chunk = new Frame[1 << CHUNK_BITS];
      grown[chunkIndex] = chunk;
      int[] @Nullable [] morePlaces = Arrays.copyOf(places, grown.length);
      morePlaces[chunkIndex] = new int[1 << CHUNK_BITS];
      places = morePlaces; // first: whoever finds a chunk finds its places
      directory = grown;
      return chunk;
    } finally {
      growth.unlock();
    }
  }
}
