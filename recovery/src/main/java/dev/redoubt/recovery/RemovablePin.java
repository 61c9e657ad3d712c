package dev.redoubt.recovery;

import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogHolder;
import org.jspecify.annotations.Nullable;

/**
 * What keeps the log from being recycled from some LSN on, dirty pages aside, which can always be
 * written.
 */
sealed interface RemovablePin {
  /** The log is needed from here on. */
  long lsn();

  /** A transaction with records. */
  record OfTransaction(long lsn, Transaction transaction) implements RemovablePin {}

  /** A cursor, a tail slot, a backup, the quarantine. */
  record OfHolder(long lsn, LogHolder holder) implements RemovablePin {}

  /** The oldest; null if nothing pins the log. */
  static @Nullable RemovablePin oldest(Log log, TransactionTable transactions) {
    RemovablePin oldest = null;
    for (LogHolder holder : log.holders()) {
      long lsn = holder.lsn();
      if (oldest == null || lsn < oldest.lsn()) {
        oldest = new OfHolder(lsn, holder);
      }
    }
    for (Transaction transaction : transactions.all()) {
      TransactionEntry entry = transaction.chain().entry();
      boolean pins = entry.firstLsn() != 0 && entry.state() != Transaction.State.ENDED;
      if (pins && (oldest == null || entry.firstLsn() < oldest.lsn())) {
        oldest = new OfTransaction(entry.firstLsn(), transaction);
      }
    }
    return oldest;
  }
}
