package dev.redoubt.recovery;

/**
 * An entry of the transaction table as a checkpoint copies it and analysis rebuilds it (ARIES
 * §4.3).
 *
 * @param transactionId the transaction, from 1
 * @param state where it stood
 * @param firstLsn its first record, which pins the log
 * @param lastLsn its last record
 * @param undoNextLsn the record that undo visits next; 0 when there is none
 * @param indexLsn its last {@link LogRecord.UndoIndex}; 0 when there is none
 */
public record TransactionEntry(
    long transactionId,
    Transaction.State state,
    long firstLsn,
    long lastLsn,
    long undoNextLsn,
    long indexLsn) {
  /** One without an index. */
  public TransactionEntry(
      long transactionId, Transaction.State state, long firstLsn, long lastLsn, long undoNextLsn) {
    this(transactionId, state, firstLsn, lastLsn, undoNextLsn, 0);
  }
}
