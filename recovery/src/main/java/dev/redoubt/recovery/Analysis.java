package dev.redoubt.recovery;

import dev.redoubt.buffer.DirtyPage;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The first pass (ARIES §6.1, Analysis Pass): rebuilds the transaction table and the dirty page
 * table as they were at the crash. Reads only (I-10). Used once, by one thread. What a dry run
 * tells of the tables comes from here, through {@link AnalysisTrace}.
 *
 * <p><b>Differences from the paper.</b> The tables of the checkpoint are loaded before anything
 * else, though they stand behind records that the scan from the begin record meets: the copies are
 * fuzzy and may be newer than those records, so an entry is only ever moved on, never back (rule
 * 11). Every page of a redoable record enters the table; which versions are on disk is left to
 * redo.
 */
final class Analysis {
  private final Log log;
  private final RecoveryMeter listener;
  private final AnalysisTrace trace;
  private final TreeMap<Long, TransactionEntry> transactions = new TreeMap<>();
  private final DirtyPageTable dirtyPages = new DirtyPageTable();
  private final TreeSet<Integer> managerIds = new TreeSet<>();
  private RestartRates rates = RestartRates.DEFAULTS;
  private long nextTransactionId = 1;
  private long scannedRecords;
  private long endLsn;

  Analysis(Log log, RecoveryMeter listener) {
    this(log, listener, AnalysisTrace.NONE);
  }

  /** The same, telling {@code trace} of every step. */
  Analysis(Log log, RecoveryMeter listener, AnalysisTrace trace) {
    this.log = log;
    this.listener = listener;
    this.trace = trace;
  }

  /**
   * Runs the pass.
   *
   * @throws CorruptionException if the master record names a checkpoint that the log does not hold
   */
  AnalysisResult run() {
    long checkpointLsn = log.master().checkpointLsn();
    long fromLsn = checkpointLsn != 0 ? checkpointLsn : log.startLsn();
    endLsn = log.endLsn();
    trace.begins(fromLsn, endLsn);
    if (checkpointLsn != 0) {
      loadTables(checkpointLsn);
    }
    try (LogCursor cursor = log.cursor(fromLsn)) {
      while (cursor.next()) {
        scannedRecords++;
        process(cursor.lsn(), LogRecordCodec.decode(cursor.payload(), cursor.lsn()));
        listener.progress(
            RecoveryListener.Phase.ANALYSIS, cursor.lsn(), fromLsn, endLsn, scannedRecords);
      }
    }
    return new AnalysisResult(
        fromLsn,
        endLsn,
        List.copyOf(transactions.values()),
        dirtyPages,
        nextTransactionId,
        List.copyOf(managerIds),
        rates,
        scannedRecords,
        endLsn - fromLsn);
  }

  /** The tables stand between begin and end record, mixed with what others logged meanwhile. */
  private void loadTables(long beginLsn) {
    try (LogCursor cursor = log.cursor(beginLsn)) {
      boolean begun = false;
      while (cursor.next()) {
        LogRecord record = LogRecordCodec.decode(cursor.payload(), cursor.lsn());
        if (!begun && !(record instanceof LogRecord.BeginCheckpoint)) {
          break;
        }
        begun = true;
        if (record instanceof LogRecord.CheckpointTables tables && tables.beginLsn() == beginLsn) {
          load(cursor.lsn(), tables);
        } else if (record instanceof LogRecord.EndCheckpoint end && end.beginLsn() == beginLsn) {
          nextTransactionId = end.nextTransactionId();
          managerIds.addAll(end.managerIds());
          rates = end.rates();
          transactions.keySet().forEach(this::seen);
          return;
        }
      }
    }
    throw new CorruptionException(
        "the master record names a checkpoint at LSN "
            + beginLsn
            + ", expected its begin and end records there, found neither or only one before the"
            + " end of the log at LSN "
            + log.endLsn()
            + "; the log lost forced bytes, restore it from a copy");
  }

  private void load(long lsn, LogRecord.CheckpointTables tables) {
    for (TransactionEntry entry : tables.transactions()) {
      transactions.put(entry.transactionId(), entry);
      trace.loaded(lsn, entry);
    }
    for (DirtyPage page : tables.dirtyPages()) {
      dirtyPages.addIfAbsent(page.pageId(), page.recLsn());
      trace.loaded(lsn, page.pageId(), page.recLsn());
    }
  }

  private void seen(long transactionId) {
    nextTransactionId = Math.max(nextTransactionId, transactionId + 1);
  }

  private void process(long lsn, LogRecord record) {
    if (record instanceof LogRecord.Redoable redoable) {
      for (LogRecord.PageChange change : redoable.changes()) {
        dirtyPages.addIfAbsent(change.pageId(), lsn);
        managerIds.add(change.managerId());
        if (trace != AnalysisTrace.NONE) {
          trace.page(lsn, record, change.pageId(), dirtyPages.recLsn(change.pageId()));
        }
      }
    }
    switch (record) {
      case LogRecord.OfTransaction own -> processOwn(lsn, own);
      case LogRecord.StructureChange _,
          LogRecord.BeginCheckpoint _,
          LogRecord.CheckpointTables _,
          LogRecord.EndCheckpoint _ -> {}
    }
  }

  private void processOwn(long lsn, LogRecord.OfTransaction record) {
    long id = record.transactionId();
    seen(id);
    TransactionEntry known = transactions.get(id);
    if (known != null && lsn <= known.lastLsn()) {
      trace.transaction(lsn, record, known, known);
      return; // The copied entry is newer than this record.
    }
    long undoNext = known == null ? 0 : known.undoNextLsn();
    Transaction.State state = known == null ? Transaction.State.ACTIVE : known.state();
    long firstLsn = known == null ? lsn : known.firstLsn();
    switch (record) {
      case LogRecord.Update update -> {
        managerIds.add(update.managerId());
        put(id, state, firstLsn, lsn, lsn);
      }
      case LogRecord.Clr clr -> put(id, state, firstLsn, lsn, clr.undoNextLsn());
      case LogRecord.NestedTopActionEnd end -> put(id, state, firstLsn, lsn, end.undoNextLsn());
      case LogRecord.Commit _ -> put(id, Transaction.State.COMMITTED, firstLsn, lsn, undoNext);
      case LogRecord.Abort _ -> put(id, Transaction.State.ABORTING, firstLsn, lsn, undoNext);
      case LogRecord.Prepare _ -> put(id, Transaction.State.PREPARED, firstLsn, lsn, undoNext);
      case LogRecord.PrepareMoved moved ->
          put(id, Transaction.State.PREPARED, moved.newFirstLsn(lsn), lsn, moved.prevLsn());
      case LogRecord.UndoCopy _ -> {} // nothing before a PrepareMoved leads to it
      case LogRecord.End _ -> transactions.remove(id);
    }
    if (trace != AnalysisTrace.NONE) {
      trace.transaction(lsn, record, known, transactions.get(id));
    }
  }

  private void put(long id, Transaction.State state, long firstLsn, long lastLsn, long undoNext) {
    transactions.put(id, new TransactionEntry(id, state, firstLsn, lastLsn, undoNext));
  }

  /** The transactions with this state. */
  static List<TransactionEntry> inState(AnalysisResult result, Transaction.State state) {
    List<TransactionEntry> entries = new ArrayList<>();
    for (TransactionEntry entry : result.transactions()) {
      if (entry.state() == state) {
        entries.add(entry);
      }
    }
    return entries;
  }
}
