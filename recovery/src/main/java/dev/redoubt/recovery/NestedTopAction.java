package dev.redoubt.recovery;

/** An open nested top action; the latches of its pages are kept until {@link #end} (rule 14). */
public interface NestedTopAction {
  /**
   * Ends it: the transaction's rollback now skips what was logged since it was opened (ARIES §9).
   * Appends one record, or none if nothing was logged.
   *
   * @throws IllegalStateException if one opened later has not been ended, or this has
   */
  void end();
}
