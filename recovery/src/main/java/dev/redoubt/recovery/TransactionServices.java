package dev.redoubt.recovery;

import dev.redoubt.wal.Log;

/** What every transaction of an engine shares. */
final class TransactionServices {
  private final Log log;
  private final ChangeLogger changes;
  private final Rollback rollback;
  private final TransactionTable table;
  private final WalCap cap;
  private final BackChain.Appending appending;
  private final LogSpaces spaces;

  TransactionServices(
      Log log, ChangeLogger changes, Rollback rollback, TransactionTable table, WalCap cap) {
    this.log = log;
    this.changes = changes;
    this.rollback = rollback;
    this.table = table;
    this.cap = cap;
    this.appending = new BackChain.Appending(log, log::append);
    this.spaces = new LogSpaces(log, cap);
  }

  Transaction begin(long id) {
    return new Transaction(id, new BackChain(id, appending), this, false);
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

  /** What back chains share. */
  BackChain.Appending appending() {
    return appending;
  }

  /** Log space that nobody uses at the moment. */
  LogSpaces spaces() {
    return spaces;
  }

  WalCap cap() {
    return cap;
  }
}
