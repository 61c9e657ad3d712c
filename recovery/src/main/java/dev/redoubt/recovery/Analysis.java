package dev.redoubt.recovery;

import dev.redoubt.buffer.DirtyPage;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.wal.LogCursor;
import dev.redoubt.wal.LogRecords;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The first pass (ARIES §6.1, Analysis Pass): rebuilds the transaction table and the dirty page
 * table as they were at the crash. Reads only (I-10). Used once, by one thread.
 *
 * <p><b>Differences from the paper.</b> The tables of the checkpoint are loaded before anything
 * else, though they stand behind records that the scan from the begin record meets: the copies are
 * fuzzy and may be newer than those records, so an entry is only ever moved on, never back (rule
 * 11). Every page of a redoable record enters the table; which versions are on disk is left to
 * redo. With the tables loaded it is known where redo begins: the scan starts there if it is to
 * group the first round of redo on its way, so that a log within the budget is read once. It starts
 * at the checkpoint if redo is left for later: the last record of each page, which redo on demand
 * begins with, is then in the tables, or in what is read (docs/decisions/0014). Nor is the end of
 * the log known beforehand, unless the log was open: the scan finds it (docs/decisions/0023).
 */
final class Analysis {
  /** So many records between two reports. */
  private static final int REPORT_RECORDS = 256;

  private final LogRecords log;
  private final RecoveryMeter listener;
  private final AnalysisTrace trace;
  private final boolean traced;
  private final AnalysedTransactions transactions = new AnalysedTransactions();
  private final DirtyPageTable dirtyPages = new DirtyPageTable();
  private final boolean[] managerIds = new boolean[256];
  private final RecordView view = new RecordView();
  private final RoundReader rounds = new RoundReader(dirtyPages);
  private RestartRates rates = RestartRates.DEFAULTS;
  private @Nullable RecoveryReport lastRestart;
  private long scannedRecords;

  /** No record is there; for the reports, until the end is known. */
  private long reachLsn;

  private boolean instant;

  Analysis(LogRecords log, RecoveryMeter listener) {
    this(log, listener, AnalysisTrace.NONE, false);
  }

  Analysis(LogRecords log, RecoveryMeter listener, AnalysisTrace trace) {
    this(log, listener, trace, true);
  }

  private Analysis(LogRecords log, RecoveryMeter listener, AnalysisTrace trace, boolean traced) {
    this.traced = traced;
    this.log = log;
    this.listener = listener;
    this.trace = trace;
  }

  /**
   * Runs the pass alone.
   *
   * @throws CorruptionException if the master record names a checkpoint that the log does not hold
   */
  AnalysisResult run() {
    return run(null, 0);
  }

  /**
   * The same for an instant restart: of the log before the checkpoint nothing is read, but for
   * pages that were being changed just then.
   *
   * @param first empty; stays so, and ends where redo begins, unless that is not before the
   *     checkpoint
   * @param mostLogBytes how much log it may hold
   */
  AnalysisResult runForInstant(RedoRound first, long mostLogBytes) {
    instant = true;
    return run(first, mostLogBytes);
  }

  /**
   * The same, and groups the first round of redo on the way.
   *
   * @param first empty; its end is then where the next round begins, or the end of the log
   * @param mostLogBytes how much log it may hold
   */
  AnalysisResult run(@Nullable RedoRound first, long mostLogBytes) {
    long checkpointLsn = log.checkpointLsn();
    long fromLsn = checkpointLsn != 0 ? checkpointLsn : log.startLsn();
    reachLsn = log.reachLsn();
    if (traced) {
      trace.begins(fromLsn, log.endLsn());
    }
    if (checkpointLsn != 0) {
      loadTables(checkpointLsn);
    }
    if (instant && first != null && dirtyPages.redoLsn() < fromLsn) {
      scan(fromLsn, null, 0);
      findHeads(fromLsn);
      first.begin(dirtyPages.redoLsn());
    } else {
      scan(fromLsn, first, mostLogBytes);
    }
    long endLsn = log.endLsn();
    return new AnalysisResult(
        fromLsn,
        endLsn,
        transactions.table(),
        dirtyPages,
        transactions.nextId(),
        IntStream.range(0, managerIds.length).filter(id -> managerIds[id]).boxed().toList(),
        rates,
        lastRestart,
        scannedRecords,
        endLsn - fromLsn);
  }

  /** Has sorted the first round, and goes on with those after it. */
  RoundReader rounds() {
    return rounds;
  }

  /**
   * Of what lies before analysis only the first round is read, the others when it is their turn.
   */
  private void scan(long analyseFrom, @Nullable RedoRound first, long mostLogBytes) {
    long fromLsn = first == null ? analyseFrom : Math.min(analyseFrom, dirtyPages.redoLsn());
    if (first != null) {
      first.begin(fromLsn);
    }
    long readTo = scan(fromLsn, analyseFrom, first, mostLogBytes);
    if (readTo < analyseFrom) {
      scan(analyseFrom, analyseFrom, null, 0);
    }
  }

  /** Returns where it ended: before analysis begins if the round was full by then. */
  private long scan(long fromLsn, long analyseFrom, @Nullable RedoRound first, long mostLogBytes) {
    RedoRound round = first;
    long reportIn = REPORT_RECORDS;
    long lsn = fromLsn;
    try (LogCursor cursor = log.cursorAhead(fromLsn)) {
      while (cursor.next()) {
        lsn = cursor.lsn();
        view.read(cursor.payload(), lsn);
        if (lsn >= analyseFrom) {
          scannedRecords++;
          process(lsn);
        }
        if (round != null && (lsn - fromLsn >= mostLogBytes || !rounds.add(view, round))) {
          round.endAt(lsn);
          round = null;
          if (lsn < analyseFrom) {
            return lsn;
          }
        }
        if (--reportIn == 0) {
          reportIn = REPORT_RECORDS;
          report(lsn, fromLsn);
        }
      }
    }
    reachLsn = log.endLsn();
    if (round != null) {
      round.endAt(reachLsn);
    }
    if (scannedRecords > 0) {
      report(lsn, fromLsn);
    }
    return reachLsn;
  }

  /** Of pages whose last record neither the tables nor the records since tell. */
  private void findHeads(long metLsn) {
    long fromLsn = dirtyPages.headlessFrom(metLsn);
    if (fromLsn >= metLsn) {
      return;
    }
    try (LogCursor cursor = log.cursor(fromLsn)) {
      while (cursor.next() && cursor.lsn() < metLsn) {
        view.read(cursor.payload(), cursor.lsn());
        advanceHeads(cursor.lsn());
      }
    }
  }

  private void report(long lsn, long fromLsn) {
    listener.progress(RecoveryListener.Phase.ANALYSIS, lsn, fromLsn, reachLsn, scannedRecords);
  }

  private void process(long lsn) {
    if (traced) {
      processTraced(lsn);
      return;
    }
    for (int part = 0; part < view.parts(); part++) {
      advanceHead(dirtyPages.addIfAbsent(view.pageId(part), lsn), lsn);
      managerIds[view.managerAndFormat(part) >>> 1] = true;
    }
    managerIds[view.managerId()] |= view.managerId() != 0;
    if (view.transactionId() != 0) {
      transactions.process(view);
    } else if (view.type() == LogRecordCodec.UNDO_INDEX) {
      transactions.indexed(view.indexed(), lsn);
    }
  }

  /** The same, telling what it does. */
  private void processTraced(long lsn) {
    LogRecord record = LogRecordCodec.decode(view.payload(), lsn);
    for (int part = 0; part < view.parts(); part++) {
      int entry = dirtyPages.addIfAbsent(view.pageId(part), lsn);
      managerIds[view.managerAndFormat(part) >>> 1] = true;
      trace.page(lsn, record, view.pageId(part), dirtyPages.recLsnOf(entry));
    }
    managerIds[view.managerId()] |= view.managerId() != 0;
    if (record instanceof LogRecord.UndoIndex index) {
      transactions.indexed(index.transactionId(), lsn);
    }
    if (record instanceof LogRecord.OfTransaction own) {
      TransactionEntry before = transactions.copyOf(own.transactionId());
      transactions.process(view);
      trace.transaction(lsn, own, before, transactions.copyOf(own.transactionId()));
    }
  }

  /** A record before the checkpoint: it may be the last one of a page that was dirty then. */
  private void advanceHeads(long lsn) {
    for (int part = 0; part < view.parts(); part++) {
      int entry = dirtyPages.find(view.pageId(part));
      if (entry >= 0) {
        advanceHead(entry, lsn);
      }
    }
  }

  private void advanceHead(int entry, long lsn) {
    if (lsn >= dirtyPages.recLsnOf(entry)) {
      dirtyPages.advanceHead(entry, lsn);
    }
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
          transactions.idsBelow(end.nextTransactionId());
          end.managerIds().forEach(id -> managerIds[id] = true);
          rates = end.rates();
          lastRestart = end.lastRestart();
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
      transactions.load(entry);
      trace.loaded(lsn, entry);
    }
    for (DirtyPage page : tables.dirtyPages()) {
      dirtyPages.load(page);
      trace.loaded(lsn, page.pageId(), page.recLsn());
    }
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
