package dev.redoubt.recovery;

import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The transaction table as analysis rebuilds it (ARIES §6.1). Confined to one thread. */
final class AnalysedTransactions {
  private static final class Entry {
    final long id;
    Transaction.State state;
    long firstLsn;
    long lastLsn;
    long undoNextLsn;
    long indexLsn;

    Entry(long id, Transaction.State state, long firstLsn) {
      this.id = id;
      this.state = state;
      this.firstLsn = firstLsn;
    }

    TransactionEntry copy() {
      return new TransactionEntry(id, state, firstLsn, lastLsn, undoNextLsn, indexLsn);
    }
  }

  private final TreeMap<Long, Entry> entries = new TreeMap<>();

  /** The one met last: the next record is mostly of the same transaction. */
  private @Nullable Entry latest;

  private long nextId = 1;

  /** An entry that a checkpoint copied. */
  void load(TransactionEntry copied) {
    Entry entry = new Entry(copied.transactionId(), copied.state(), copied.firstLsn());
    entry.lastLsn = copied.lastLsn();
    entry.undoNextLsn = copied.undoNextLsn();
    entry.indexLsn = copied.indexLsn();
    entries.put(entry.id, entry);
    idsBelow(entry.id + 1);
  }

  /** All ids given out so far are below this one. */
  void idsBelow(long id) {
    nextId = Math.max(nextId, id);
  }

  /** A record of a transaction. */
  void process(RecordView record) {
    long id = record.transactionId();
    nextId = Math.max(nextId, id + 1);
    Entry entry = latest;
    if (entry == null || entry.id != id) {
      entry = entries.get(id);
    }
    if (entry != null && record.lsn() <= entry.lastLsn) {
      return; // The copied entry is newer than this record.
    }
    if (record.type() == LogRecordCodec.UNDO_COPY) {
      return; // nothing before the record that moves the prepared transaction leads to it
    }
    if (record.type() == LogRecordCodec.END) {
      entries.remove(id);
      latest = null;
      return;
    }
    if (entry == null) {
      entry = new Entry(id, Transaction.State.ACTIVE, record.lsn());
      entries.put(id, entry);
    }
    latest = entry;
    entry.lastLsn = record.lsn();
    switch (record.type()) {
      case LogRecordCodec.UPDATE -> entry.undoNextLsn = record.lsn();
      case LogRecordCodec.CLR, LogRecordCodec.NESTED_TOP_ACTION_END ->
          entry.undoNextLsn = record.undoNextLsn();
      case LogRecordCodec.COMMIT -> entry.state = Transaction.State.COMMITTED;
      case LogRecordCodec.ABORT -> entry.state = Transaction.State.ABORTING;
      case LogRecordCodec.PREPARE -> entry.state = Transaction.State.PREPARED;
      case LogRecordCodec.PREPARE_MOVED -> {
        entry.state = Transaction.State.PREPARED;
        entry.firstLsn = record.firstLsn() == 0 ? record.lsn() : record.firstLsn();
        entry.undoNextLsn = record.prevLsn();
        entry.indexLsn = 0; // it speaks of the updates, not of their copies
      }
      default -> throw new IllegalStateException("no record of a transaction: " + record.type());
    }
  }

  /** An index of a transaction's updates; a copied entry that is newer knows of it. */
  void indexed(long id, long lsn) {
    Entry entry = entries.get(id);
    if (entry != null && lsn > entry.lastLsn) {
      entry.indexLsn = lsn;
    }
  }

  long nextId() {
    return nextId;
  }

  /** The entry of a transaction as it is now; null if it has none. */
  @Nullable TransactionEntry copyOf(long id) {
    Entry entry = entries.get(id);
    return entry == null ? null : entry.copy();
  }

  /** The table, by id. */
  List<TransactionEntry> table() {
    return entries.values().stream().map(Entry::copy).toList();
  }
}
