package dev.redoubt.buffer;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Which version of a page was last written home, for pages written since the store was opened: an
 * older one that comes back from the disk is a write that was lost. Thread-safe.
 *
 * <p>Eight bytes a page, in chunks made when a page of theirs is first written: at pages of 8 KiB a
 * thousandth of what was written. Nothing of this is on disk; what was written before the opening
 * and has no record in the log that restart reads cannot be told from the newest version.
 */
final class WrittenVersions {
  private static final int CHUNK_BITS = 9;
  private static final int CHUNK_MASK = (1 << CHUNK_BITS) - 1;

  private final ConcurrentHashMap<Long, AtomicLongArray> chunks = new ConcurrentHashMap<>();

  /** The page went home, durably, with this pageLSN. It is still in its frame. */
  void wrote(long pageId, long pageLsn) {
    Long key = pageId >>> CHUNK_BITS;
    AtomicLongArray chunk = chunks.get(key);
    if (chunk == null) {
      AtomicLongArray made = new AtomicLongArray(1 << CHUNK_BITS);
      AtomicLongArray other = chunks.putIfAbsent(key, made);
      chunk = other == null ? made : other;
    }
    chunk.accumulateAndGet((int) pageId & CHUNK_MASK, pageLsn, Math::max);
  }

  /** pageLSN below which the stored page must not be; 0 if nothing is known. */
  long atLeast(long pageId) {
    @Nullable AtomicLongArray chunk = chunks.get(pageId >>> CHUNK_BITS);
    return chunk == null ? 0 : chunk.get((int) pageId & CHUNK_MASK);
  }
}
