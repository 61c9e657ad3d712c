package dev.redoubt.recovery;

/**
 * One thing that restart would do, as a dry run tells it.
 *
 * @param step what, and by which rule
 * @param lsn the record it is about
 * @param transactionId its transaction; 0 if it has none
 * @param pageId the page; 0 if it is about none
 * @param why the values that decided it
 */
public record PlannedAction(Step step, long lsn, long transactionId, long pageId, String why) {
  /** What restart does with a record, or with a page's part of it. */
  public enum Step {
    /** Redo applies the change. */
    REDO,
    /** Redo's first test: the page is not in the dirty page table. */
    SKIP_NOT_DIRTY,
    /** Redo's second test: the record is older than the page's recLSN. */
    SKIP_REC_LSN,
    /** Redo's third test: the page has the change already. */
    SKIP_PAGE_LSN,
    /** The page is not the version that the record was made against, or unreadable. */
    BAD_PAGE,
    /** Undo compensates the update. */
    UNDO,
    /** Undo passes what has been undone already, or needs no undo. */
    PASS,
    /** The transaction gets its end record. */
    END,
    /** The transaction stays in doubt. */
    IN_DOUBT
  }
}
