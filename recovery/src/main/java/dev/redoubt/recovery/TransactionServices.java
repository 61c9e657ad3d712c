package dev.redoubt.recovery;

import dev.redoubt.wal.Log;

/** What every transaction of an engine shares. */
record TransactionServices(
    Log log, ChangeLogger changes, Rollback rollback, TransactionTable table, WalCap cap) {
  Transaction begin(long id) {
    return new Transaction(id, new BackChain(id, log), this, false);
  }
}
