package dev.redoubt.crash.oracle;

import dev.redoubt.crash.oracle.RawRecord.Listed;

/** A transaction as a run of records tells it, in the states of {@code docs/format-records.md}. */
final class TransactionTruth {
  static final int ACTIVE = 1;
  static final int COMMITTED = 2;
  static final int ABORTING = 3;
  static final int PREPARED = 4;
  static final int ENDED = 5;

  final long id;
  int state = ACTIVE;
  long firstLsn;
  long lastLsn;
  long undoNextLsn;

  TransactionTruth(long id, long firstLsn) {
    this.id = id;
    this.firstLsn = firstLsn;
  }

  TransactionTruth(Listed listed) {
    this(listed.id(), listed.firstLsn());
    state = listed.state();
    lastLsn = listed.lastLsn();
    undoNextLsn = listed.undoNextLsn();
  }

  /** Moves on by a record of this transaction, unless that is known already. */
  void process(RawRecord record) {
    if (record.lsn() <= lastLsn) {
      return;
    }
    lastLsn = record.lsn();
    switch (record.type()) {
      case RawRecord.UPDATE -> undoNextLsn = record.lsn();
      case RawRecord.CLR, RawRecord.NESTED_END -> undoNextLsn = record.undoNextLsn();
      case RawRecord.COMMIT -> state = COMMITTED;
      case RawRecord.ABORT -> state = ABORTING;
      case RawRecord.PREPARE -> state = PREPARED;
      case RawRecord.PREPARE_MOVED -> {
        state = PREPARED;
        undoNextLsn = record.prevLsn();
        firstLsn = record.undoNextLsn() == 0 ? record.lsn() : record.undoNextLsn();
      }
      case RawRecord.END -> state = ENDED;
      default -> throw new AssertionError("no record of a transaction: " + record);
    }
  }

  /** What restart makes of it: a loser is one, whether its abort was logged or not. */
  int fate() {
    return state == ABORTING ? ACTIVE : state;
  }

  @Override
  public String toString() {
    return "transaction "
        + id
        + " in state "
        + state
        + ", lastLSN "
        + lastLsn
        + ", undoNextLSN "
        + undoNextLsn;
  }
}
