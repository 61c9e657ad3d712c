package dev.redoubt.kv.btree;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** A few page-sized scratch buffers outside the heap, used for rebuilding pages. Thread-safe. */
final class PagePool {
  /** More threads than this rarely rebuild pages at once; further ones allocate. */
  private static final int SLOTS = 8;

  private final AtomicReferenceArray<@Nullable MemorySegment> idle =
      new AtomicReferenceArray<>(SLOTS);

  /** A buffer of {@code bytes} with anything in it. */
  MemorySegment take(long bytes) {
    for (int i = 0; i < SLOTS; i++) {
      MemorySegment each = idle.get(i);
      if (each != null && each.byteSize() == bytes && idle.compareAndSet(i, each, null)) {
        return each;
      }
    }
    return Arena.ofAuto().allocate(bytes, 8);
  }

  void give(MemorySegment buffer) {
    for (int i = 0; i < SLOTS; i++) {
      if (idle.get(i) == null && idle.compareAndSet(i, null, buffer)) {
        return;
      }
    }
  }
}
