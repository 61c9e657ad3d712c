package dev.redoubt.recovery;

import dev.redoubt.recovery.Transaction.State;

/** How transactions end; called by the one user that is inside. Stateless. */
final class TransactionEnd {
  private TransactionEnd() {}

  /** Undoes everything, or what an earlier attempt has left. */
  static void rollback(Transaction transaction) {
    BackChain chain = transaction.chain();
    if (chain.state() != State.ABORTING) {
      transaction.expect(State.ACTIVE, State.PREPARED);
      if (chain.lastLsn() == 0) {
        finish(transaction);
        return;
      }
      chain.appendMark(LogRecordCodec.ABORT, State.ABORTING, chain.undoNextLsn());
    }
    transaction.services().rollback().undoTo(transaction, 0);
    chain.appendMark(LogRecordCodec.END, State.ENDED, 0);
    finish(transaction);
  }

  /** Forgets one that has been committed. */
  static void end(Transaction transaction) {
    transaction.expect(State.COMMITTED);
    if (transaction.lastLsn() != 0) {
      transaction.chain().appendMark(LogRecordCodec.END, State.ENDED, 0);
    }
    finish(transaction);
  }

  /** Restart: a winner, or a loser that has been undone, gets its end record. */
  static void ofRestart(Transaction transaction) {
    transaction.chain().appendMark(LogRecordCodec.END, State.ENDED, 0);
    finish(transaction);
  }

  private static void finish(Transaction transaction) {
    transaction.chain().set(State.ENDED, 0);
    TransactionServices services = transaction.services();
    services.table().remove(transaction);
    transaction.space().close();
    services.cap().ended(transaction);
    transaction.ended();
  }
}
