package dev.redoubt.recovery;

import dev.redoubt.recovery.RecoveryListener.Phase;
import java.util.Locale;

/** The rules of restart, one for each kind of {@link RestartStep} (ARIES §6). */
public enum RestartRule {
  /** Analysis begins at the last complete checkpoint, or where the log starts. */
  ANALYSIS_BEGINS(Phase.ANALYSIS),
  /** The checkpoint's copy of the transaction table has this transaction. */
  TRANSACTION_LOADED(Phase.ANALYSIS),
  /** The checkpoint's copy of the dirty page table has this page. */
  PAGE_LOADED(Phase.ANALYSIS),
  /** The first record of a transaction that is not in the table enters it. */
  TRANSACTION_ENTERED(Phase.ANALYSIS),
  /** A later record moves lastLSN, undoNextLSN and state of its transaction on. */
  TRANSACTION_MOVED_ON(Phase.ANALYSIS),
  /** The checkpoint's copy is newer than the record: an entry is never moved back (rule 11). */
  TRANSACTION_KEPT(Phase.ANALYSIS),
  /** An end record removes its transaction: nothing of it is left to do. */
  TRANSACTION_REMOVED(Phase.ANALYSIS),
  /** The first record that changes a page enters it, with its LSN as recLSN. */
  PAGE_ENTERED(Phase.ANALYSIS),
  /** The page is in the table: the smaller recLSN stays. */
  PAGE_KEPT(Phase.ANALYSIS),

  /** A page of the table that is torn, or older than its copy, comes from the copy (rule 8). */
  TORN_PAGE_RESTORED(Phase.REDO),
  /** Redo begins at the smallest recLSN of the table. */
  REDO_BEGINS(Phase.REDO),
  /** All three tests passed, and the page is the version that the record was made against (I-5). */
  APPLIED(Phase.REDO),
  /** The first test: the page is not in the dirty page table, so the change is home. */
  SKIPPED_NOT_DIRTY(Phase.REDO),
  /** The second test: the record is older than the page's recLSN, so the change is home. */
  SKIPPED_REC_LSN(Phase.REDO),
  /** The third test: pageLSN shows that the page has the change. */
  SKIPPED_PAGE_LSN(Phase.REDO),
  /** The page is unreadable, or not the version that the record was made against. */
  SET_ASIDE(Phase.REDO),
  /** The page was set aside by an earlier record. */
  STAYS_ASIDE(Phase.REDO),
  /** A page set aside is made anew from its chain of records, along prevPageLSN. */
  REBUILT(Phase.REDO),
  /** The log does not reach back far enough for that: the page goes into quarantine (rule 18). */
  QUARANTINED(Phase.REDO),

  /** A transaction with a commit record is a winner: only its end record is missing. */
  WINNER_ENDED(Phase.UNDO),
  /** A prepared transaction waits for its coordinator. */
  LEFT_IN_DOUBT(Phase.UNDO),
  /** Undo begins at the largest undoNextLSN of all losers. */
  UNDO_BEGINS(Phase.UNDO),
  /**
   * An update inside a nested top action that was open at the crash: before all others (rule 14).
   */
  UNDONE_NESTED(Phase.UNDO),
  /** The update with the largest undoNextLSN of all losers is undone, with one CLR (I-6). */
  UNDONE(Phase.UNDO),
  /** A CLR is never undone: undo goes on where it says, past what is undone already. */
  PASSED_CLR(Phase.UNDO),
  /** A nested top action that came to its end stays: undo goes on before it. */
  PASSED_NESTED_TOP_ACTION(Phase.UNDO),
  /** The record changes no page: undo goes on at prevLSN. */
  PASSED(Phase.UNDO),
  /** A page that redo had no need of is damaged, and is made anew from its chain. */
  REBUILT_FOR_UNDO(Phase.UNDO),
  /** The log does not reach back far enough for that: the page goes into quarantine (rule 18). */
  QUARANTINED_IN_UNDO(Phase.UNDO),
  /**
   * A page that undo of the record needs is in quarantine, or cannot be read: the loser stays
   * unfinished (rule 18).
   */
  LOSER_QUARANTINED(Phase.UNDO),
  /** Everything of a loser is undone: it gets its end record. */
  LOSER_ENDED(Phase.UNDO);

  private final Phase phase;
  private final String id = name().toLowerCase(Locale.ROOT).replace('_', '-');

  RestartRule(Phase phase) {
    this.phase = phase;
  }

  /** The pass that it belongs to. */
  public Phase phase() {
    return phase;
  }

  /** Its name in traces, stable, in kebab case. */
  public String id() {
    return id;
  }
}
