package dev.redoubt.buffer;

import dev.redoubt.io.CorruptionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Pages that are readable and yet must not be used, and why. Thread-safe. */
final class RefusedPages {
  private final ConcurrentHashMap<Long, RuntimeException> reasons = new ConcurrentHashMap<>();

  void refuse(long pageId, RuntimeException why) {
    reasons.put(pageId, why);
  }

  /**
   * The page has been formatted anew: whatever was wrong with it is gone. Whether it was refused.
   */
  boolean lift(long pageId) {
    return !reasons.isEmpty() && reasons.remove(pageId) != null;
  }

  @Nullable RuntimeException why(long pageId) {
    return reasons.isEmpty() ? null : reasons.get(pageId);
  }

  /**
   * Returns if the page may be used.
   *
   * @throws CorruptionException if it is refused
   */
  void check(long pageId) {
    RuntimeException why = why(pageId);
    if (why != null) {
      throw new CorruptionException(String.valueOf(why.getMessage()), why);
    }
  }
}
