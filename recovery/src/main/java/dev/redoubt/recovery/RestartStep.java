package dev.redoubt.recovery;

import java.util.Locale;

/**
 * One step of a restart, with the rule that decided it and the values that the rule looked at. An
 * LSN of 0 stands for none.
 */
public sealed interface RestartStep {
  /** A page that cannot be read has this for its pageLSN. */
  long UNREADABLE = -1;

  /** The rule that fired. */
  RestartRule rule();

  /** The record that the step is about; 0 if it is about none. */
  long lsn();

  /** Why, in words, with the values that decided. */
  String why();

  /**
   * A pass begins.
   *
   * @param lsn where
   * @param toLsn where it will end; below {@code lsn} for undo
   */
  record Begin(RestartRule rule, long lsn, long toLsn) implements RestartStep {
    @Override
    public String why() {
      return switch (rule) {
        case ANALYSIS_BEGINS -> "the last complete checkpoint, or the start of the log";
        case REDO_BEGINS -> lsn == toLsn ? "no page is dirty" : "the smallest recLSN";
        default -> lsn == 0 ? "no losers" : "the largest undoNextLSN of all losers";
      };
    }
  }

  /**
   * Analysis, of an entry of the transaction table.
   *
   * @param record type of the record, as in {@link LogEntry}
   * @param entry as it is now; as it was, if the record removed it
   */
  record OfTransaction(RestartRule rule, long lsn, String record, TransactionEntry entry)
      implements RestartStep {
    @Override
    public String why() {
      return switch (rule) {
        case TRANSACTION_LOADED -> "copied by the checkpoint: " + all();
        case TRANSACTION_ENTERED -> "its first record here: " + all();
        case TRANSACTION_KEPT -> "the checkpoint's copy is newer: lastLSN " + entry.lastLsn();
        case TRANSACTION_REMOVED -> "it has ended";
        default -> state() + ", lastLSN " + entry.lastLsn() + ", undoNextLSN " + undoNext();
      };
    }

    private String all() {
      return state()
          + ", firstLSN "
          + entry.firstLsn()
          + ", lastLSN "
          + entry.lastLsn()
          + ", undoNextLSN "
          + undoNext();
    }

    private String state() {
      return entry.state().name().toLowerCase(Locale.ROOT);
    }

    private String undoNext() {
      return entry.undoNextLsn() == 0 ? "none" : Long.toString(entry.undoNextLsn());
    }
  }

  /**
   * Analysis, of an entry of the dirty page table.
   *
   * @param record type of the record
   * @param pageId the page
   * @param recLsn its recLSN from now on
   */
  record OfPage(RestartRule rule, long lsn, String record, long pageId, long recLsn)
      implements RestartStep {
    @Override
    public String why() {
      return switch (rule) {
        case PAGE_LOADED -> "copied by the checkpoint: recLSN " + recLsn;
        case PAGE_ENTERED -> "its first change here: recLSN " + recLsn;
        default -> "it is in the table: recLSN stays " + recLsn;
      };
    }
  }

  /**
   * Redo, of one page's part of a record.
   *
   * @param record type of the record
   * @param transactionId its transaction; 0 if it has none
   * @param pageId the page
   * @param recLsn the page's recLSN; 0 if it is not in the table
   * @param pageLsn of the page as it is then; {@link #UNREADABLE}; 0 if it was not looked at, or
   *     has never been written
   * @param prevPageLsn of the version that the record was made against
   * @param format whether the record applies to whatever is there
   */
  record OfRedo(
      RestartRule rule,
      long lsn,
      String record,
      long transactionId,
      long pageId,
      long recLsn,
      long pageLsn,
      long prevPageLsn,
      boolean format)
      implements RestartStep {
    @Override
    public String why() {
      return switch (rule) {
        case SKIPPED_NOT_DIRTY -> "the page is not in the dirty page table";
        case SKIPPED_REC_LSN -> "LSN " + lsn + " < recLSN " + recLsn;
        case SKIPPED_PAGE_LSN -> "pageLSN " + pageLsn + " >= LSN " + lsn;
        case STAYS_ASIDE -> "the page was set aside";
        case SET_ASIDE ->
            pageLsn == UNREADABLE
                ? "the page is unreadable"
                : "pageLSN " + pageLsn + " is not prevPageLSN " + prevPageLsn;
        default ->
            format
                ? "a format record applies to whatever is there"
                : "pageLSN " + pageLsn + " = prevPageLSN";
      };
    }
  }

  /**
   * What becomes of a page that could not be taken as it was stored.
   *
   * @param pageId the page
   * @param lsn of the version it has then; of the version it lacks, if it is lost
   * @param fromLsn pageLSN of the stored page, {@link #UNREADABLE} or 0; for a page made anew, the
   *     first record applied
   */
  record OfStoredPage(RestartRule rule, long lsn, long pageId, long fromLsn)
      implements RestartStep {
    @Override
    public String why() {
      return switch (rule) {
        case TORN_PAGE_RESTORED ->
            (fromLsn == UNREADABLE
                    ? "the stored page is torn"
                    : "the stored page has pageLSN " + fromLsn)
                + ", its copy has pageLSN "
                + lsn;
        case REBUILT, REBUILT_FOR_UNDO -> "from its records, LSN " + fromLsn + " to " + lsn;
        default -> "the log does not reach back to its format; it lacks LSN " + lsn;
      };
    }
  }

  /**
   * Undo, of a record of a loser, or of the transaction as a whole.
   *
   * @param lsn the record; the transaction's lastLSN if it is about all of it
   * @param record type of the record; empty if it is about the transaction
   * @param transactionId the transaction
   * @param pageId the page that the record changed, the first if there are several; 0 if none. The
   *     CLR of an update changes it too, unless undo is logical and what it undoes has moved since
   * @param undoNextLsn what undo visits next, as a CLR says it; 0 when nothing is left
   */
  record OfUndo(
      RestartRule rule, long lsn, String record, long transactionId, long pageId, long undoNextLsn)
      implements RestartStep {
    @Override
    public String why() {
      return switch (rule) {
        case UNDONE, UNDONE_NESTED -> "a CLR is written with undoNextLSN " + next();
        case PASSED_CLR -> "what it undid is not undone again: on to " + next();
        case PASSED_NESTED_TOP_ACTION -> "the nested top action stays: on to " + next();
        case WINNER_ENDED -> "its commit record is there: an end record is written";
        case LOSER_ENDED -> "nothing is left to undo: an end record is written";
        case LOSER_QUARANTINED ->
            "its page is in quarantine or cannot be read: the transaction stays unfinished";
        case LEFT_IN_DOUBT -> "it is prepared: its coordinator decides";
        default -> "nothing to undo: on to " + next();
      };
    }

    private String next() {
      return undoNextLsn == 0 ? "none" : Long.toString(undoNextLsn);
    }
  }
}
