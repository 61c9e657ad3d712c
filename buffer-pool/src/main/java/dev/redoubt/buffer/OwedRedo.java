package dev.redoubt.buffer;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Says which pages are behind what was logged before the store was opened, and brings them up to
 * date (instant restart). Given to {@link BufferPool#setOwed} by whoever knows the log. A page is
 * owed until it is in the dirty page table at its last version; till then nobody is shown it (rule
 * 16). Thread-safe.
 */
public interface OwedRedo {
  /** Whether the page is owed redo. Once it is not it never is again. Never waits. */
  boolean isOwed(long pageId);

  /**
   * Brings {@code page} to its last version. Called by the thread that wants it, with the page
   * latched exclusively by the pool; may read the log and must not touch the pool.
   *
   * @param page as it is stored, or as far as redo has brought it; zeros if it cannot be used
   * @param baseLsn its pageLSN; 0 if it was never formatted; {@link PageRepair#NO_BASE} if it
   *     cannot be used
   * @param problem why it cannot be used; null if it can
   */
  PageRepair.Outcome bring(
      MemorySegment page, long pageId, long baseLsn, @Nullable RuntimeException problem);

  /** The page is in the dirty page table, and still latched: it is owed no more. */
  void brought(long pageId);

  /** Owes nothing. */
  OwedRedo NONE =
      new OwedRedo() {
        @Override
        public boolean isOwed(long pageId) {
          return false;
        }

        @Override
        public PageRepair.Outcome bring(
            MemorySegment page, long pageId, long baseLsn, @Nullable RuntimeException problem) {
          throw new IllegalStateException("page " + pageId + " is not owed redo");
        }

        @Override
        public void brought(long pageId) {}
      };
}
