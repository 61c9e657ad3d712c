package dev.redoubt.recovery;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A few objects that nobody uses at the moment, so that the next one who needs one does not make
 * it. An object that has been taken is the taker's alone until it gives it back. Thread-safe.
 */
final class IdleObjects<T> {
  private final AtomicReferenceArray<@Nullable T> idle;

  /**
   * @param most how many are kept, a power of two
   */
  IdleObjects(int most) {
    this.idle = new AtomicReferenceArray<>(most);
  }

  /** Takes one; null if none is left. */
  @Nullable T take() {
    int start = (int) Thread.currentThread().threadId();
    for (int i = 0; i < idle.length(); i++) {
      int slot = start + i & idle.length() - 1;
      T each = idle.get(slot);
      if (each != null && idle.compareAndSet(slot, each, null)) {
        return each;
      }
    }
    return null;
  }

  /** Gives one back, or adds one; false if there are enough, and it is not kept. */
  boolean give(T object) {
    int start = (int) Thread.currentThread().threadId();
    for (int i = 0; i < idle.length(); i++) {
      int slot = start + i & idle.length() - 1;
      if (idle.get(slot) == null && idle.compareAndSet(slot, null, object)) {
        return true;
      }
    }
    return false;
  }
}
