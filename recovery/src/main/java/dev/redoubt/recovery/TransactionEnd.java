package dev.redoubt.recovery;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.StorageIoException;
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

  /** Rolls back one that nobody uses at the moment; whether it is over. */
  static boolean rollbackIfUnused(Transaction transaction) {
    if (!transaction.user.tryEnter()) {
      return false;
    }
    try {
      State state = transaction.state();
      // One in a nested top action may hold latches that undo would wait for (rule 14).
      if (!transaction.isNested() && (state == State.ACTIVE || state == State.ABORTING)) {
        rollback(transaction);
      }
      return transaction.state() == State.ENDED;
    } catch (CorruptionException | DiskFullException notNow) {
      return false; // It stays aborting, as any rollback that meets this.
    } catch (StorageIoException notNow) {
      if (transaction.services().rollback().isHalted()) {
        throw notNow;
      }
      return false; // The same: whoever asked has nothing to do with that page.
    } finally {
      transaction.user.leave(); // whoever waits is told by the caller
    }
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
    if (transaction.state() != State.ENDED) { // else its last record has said so
      transaction.chain().set(State.ENDED, 0);
    }
    TransactionServices services = transaction.services();
    services.table().remove(transaction);
    transaction.giveSpaceBack();
    services.cap().ended(transaction);
    transaction.ended();
  }
}
