package dev.redoubt.recovery;

import dev.redoubt.wal.Log;

/** What every transaction of an engine shares. */
final class TransactionServices {
  private final Log log;
  private final ChangeLogger changes;
  private final Rollback rollback;
  private final TransactionTable table;
  private final WalCap cap;
  private final BackChain.Append append;
  private final RecordBuffers buffers = new RecordBuffers();

  TransactionServices(
      Log log, ChangeLogger changes, Rollback rollback, TransactionTable table, WalCap cap) {
    this.log = log;
    this.changes = changes;
    this.rollback = rollback;
    this.table = table;
    this.cap = cap;
    this.append = log::append;
  }

  Transaction begin(long id) {
    return new Transaction(id, new BackChain(id, log, append, buffers), this, false);
  }

  Log log() {
    return log;
  }

  ChangeLogger changes() {
    return changes;
  }

  Rollback rollback() {
    return rollback;
  }

  TransactionTable table() {
    return table;
  }

  WalCap cap() {
    return cap;
  }
}
