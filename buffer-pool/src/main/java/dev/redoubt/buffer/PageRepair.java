package dev.redoubt.buffer;

import dev.redoubt.io.StorageException;
import java.lang.foreign.MemorySegment;

/**
 * Makes a page anew that was found damaged, or older than was written, when it was brought in.
 * Given to {@link BufferPool#setRepair} by whoever knows how. Called by the thread that faults the
 * page in, with the page latched exclusively by the pool: others who want this page wait, nobody
 * else does. It may read the log and must not touch the pool.
 */
public interface PageRepair {
  /** As base: the stored page is unreadable. */
  long NO_BASE = -1;

  /** As head: it is not known which version the page should have. */
  long UNKNOWN_HEAD = 0;

  /**
   * Brings {@code page} to its newest version.
   *
   * @param page the whole page as it was read; undefined at return if it cannot be repaired
   * @param baseLsn pageLSN of {@code page} if it is intact and merely too old; else {@link
   *     #NO_BASE}
   * @param headLsn pageLSN that it should have; or {@link #UNKNOWN_HEAD}
   * @param problem what was found wrong
   */
  Outcome repair(
      MemorySegment page, long pageId, long baseLsn, long headLsn, StorageException problem);

  /** The page of that outcome is now in the dirty page table with its recLSN. */
  void entered(long pageId);

  /** A page that was refused has been formatted anew and is dirty; it is latched. */
  void lifted(long pageId);

  /** How it ended. */
  sealed interface Outcome {
    /**
     * The page is whole.
     *
     * @param recLsn first record that the stored page lacks
     * @param pageLsn last record applied
     */
    record Repaired(long recLsn, long pageLsn) implements Outcome {}

    /**
     * The page cannot be had.
     *
     * @param problem what everyone is told who asks for it
     * @param refuse whether to tell everyone from now on without trying again; lifted when the page
     *     is formatted anew
     */
    record Failed(StorageException problem, boolean refuse) implements Outcome {}
  }

  /** Repairs nothing. */
  PageRepair NONE =
      new PageRepair() {
        @Override
        public Outcome repair(
            MemorySegment page, long pageId, long baseLsn, long headLsn, StorageException problem) {
          return new Outcome.Failed(problem, false);
        }

        @Override
        public void entered(long pageId) {}

        @Override
        public void lifted(long pageId) {}
      };
}
