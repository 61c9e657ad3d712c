package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.PageGuard;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Environment;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogHolder;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Restart (ARIES §6, Restart Processing): redo, undo and the checkpoint at the end. Analysis has
 * run before; between the two the log was made ready for appending and torn pages were restored.
 * Used once, by one thread.
 */
final class Restart {
  private final Engine engine;
  private final AnalysisResult analysis;
  private final FirstRound first;
  private final RestartCheckpoints checkpoints;
  private final RecoveryMeter listener;
  private final Environment environment;
  private final RestartMode mode;
  private int rebuilt;

  Restart(
      Engine engine,
      AnalysisResult analysis,
      FirstRound first,
      RestartCheckpoints checkpoints,
      RestartMode mode,
      RecoveryMeter listener) {
    this.engine = engine;
    this.mode = mode;
    this.checkpoints = checkpoints;
    this.analysis = analysis;
    this.first = first;
    this.listener = listener;
    this.environment = engine.environment();
  }

  /**
   * Runs what is left of restart. At return history is repeated, every loser is undone or in
   * quarantine, every winner has its end record, in-doubt transactions are back, and a checkpoint
   * is durable.
   */
  void run(
      boolean clean, Instant at, long openingNanos, Duration analysisTime, List<Long> tornPages) {
    Log log = engine.log();
    BufferPool pool = engine.pool();
    List<Transaction> losers = reopenTransactions();

    long redoStart = environment.nanoTime();
    long pagesRead = pool.pagesRead();
    long pageReadNanos = pool.pageReadNanos();
    Redo redo =
        new Redo(
            log,
            pool,
            engine.managers(),
            analysis,
            first.reader(),
            checkpoints,
            listener,
            engine.isBackground() ? environment : null);
    // Checkpoints of restart may cut the log: not before the suspects' chains were followed in it.
    try (LogHolder chains = log.hold("redo", log.startLsn())) {
      redo.run(first.round());
      redo.suspects().forEach(this::rebuildOrRefuse);
      chains.advance(analysis.endLsn());
    }
    Duration redoTime = since(redoStart);
    pagesRead = pool.pagesRead() - pagesRead;
    pageReadNanos = pool.pageReadNanos() - pageReadNanos;

    long undoStart = environment.nanoTime();
    boolean complete = true;
    Undo undo = new Undo(engine.rollback(), engine.slack(), checkpoints, listener);
    if (mode == RestartMode.INSTANT && !losers.isEmpty()) {
      undo.nested(losers);
      LoserUndo behind = new LoserUndo(engine, losers, undo.quarantined());
      long behindNanos = environment.nanoTime();
      engine.leave(
          new ContinuedRestart(
              engine, List.of(behind), () -> ended(undo, behind, since(behindNanos))));
      complete = false;
    } else {
      undo.run(losers);
    }
    Duration undoTime = since(undoStart);
    if (!analysis.isEmptyLog()) {
      Duration phases = analysisTime.plus(redoTime).plus(undoTime);
      engine
          .pacing()
          .measured(
              new RestartRates.Measured(
                  since(openingNanos).minus(phases).toNanos(),
                  analysisTime.toNanos(),
                  analysis.scannedBytes(),
                  analysis.scannedRecords(),
                  redoTime.toNanos(),
                  analysis.endLsn() - analysis.redoLsn(),
                  redo.redone(),
                  pagesRead,
                  pageReadNanos,
                  undoTime.toNanos(),
                  undo.clrsWritten()));
    }

    long oldest =
        undo.quarantined().stream().mapToLong(Transaction::firstLsn).min().orElse(Long.MAX_VALUE);
    engine.quarantine().holdForLosers(oldest);
    RecoveryReport report =
        new RecoveryReport(
            clean,
            complete,
            at,
            analysis.checkpointLsn(),
            analysis.redoLsn(),
            analysis.endLsn(),
            analysis.scannedBytes(),
            analysis.scannedRecords(),
            analysis.dirtyPages().size(),
            analysis.transactions().size(),
            redo.redone(),
            redo.skippedNotDirty(),
            redo.skippedRecLsn(),
            redo.skippedPageLsn(),
            losers.size(),
            undo.clrsWritten(),
            tornPages.size(),
            rebuilt,
            engine.quarantine().pageIds(),
            undo.quarantined().stream().map(Transaction::id).toList(),
            Analysis.inState(analysis, Transaction.State.PREPARED).size(),
            analysisTime,
            redoTime,
            undoTime,
            Duration.ZERO);
    RestartReports reports = engine.restartReports();
    reports.restarted(report, analysis.isEmptyLog());
    long checkpointStart = environment.nanoTime();
    checkpoint();
    reports.restarted(report.withCheckpointTime(since(checkpointStart)), analysis.isEmptyLog());
  }

  /** Undo behind the open engine has come to its end: the report is complete and made durable. */
  private void ended(Undo nested, LoserUndo behind, Duration time) {
    RestartReports reports = engine.restartReports();
    RecoveryReport report = reports.ofOpening();
    reports.completed(
        report.completed(
            nested.clrsWritten() + behind.clrsWritten(),
            behind.stuckIds(),
            report.undoTime().plus(time)));
    engine.checkpoint();
  }

  /** The transaction table of analysis becomes the live one; returns the losers. */
  private List<Transaction> reopenTransactions() {
    List<Transaction> losers = new ArrayList<>();
    engine.transactions().continueFrom(analysis.nextTransactionId());
    for (TransactionEntry entry : analysis.transactions()) {
      Transaction transaction = new Transaction(entry, engine.services());
      engine.transactions().add(transaction);
      switch (entry.state()) {
        case COMMITTED -> transaction.endOfRestart();
        case ACTIVE, ABORTING -> losers.add(transaction);
        case PREPARED -> transaction.prepared(readPrepare(entry));
        case ENDED -> engine.transactions().remove(transaction);
      }
    }
    return losers;
  }

  /** The prepare record is the last one of a transaction in doubt. */
  private LogRecord.Prepare readPrepare(TransactionEntry entry) {
    long lsn = entry.lastLsn();
    LogRecord record = LogRecordCodec.decode(MemorySegment.ofArray(engine.log().read(lsn)), lsn);
    if (record instanceof LogRecord.Prepare prepare) {
      return prepare;
    }
    if (record instanceof LogRecord.PrepareMoved(long id, long prevLsn, _, var gtrid, var data)) {
      return new LogRecord.Prepare(id, prevLsn, gtrid, data);
    }
    throw new CorruptionException(
        "transaction "
            + entry.transactionId()
            + " is in doubt, expected its prepare record at LSN "
            + lsn
            + ", found "
            + record.getClass().getSimpleName());
  }

  /**
   * A page that redo could not bring up to date is brought in for use, knowing which version it
   * must be: so it is rebuilt from its chain, further back than redo began, or found to be lost.
   */
  private void rebuildOrRefuse(long pageId, Redo.Suspect suspect) {
    long recLsn = analysis.dirtyPages().recLsn(pageId);
    BufferPool pool = engine.pool();
    pool.expectVersion(pageId, suspect.lastLsn());
    try (PageGuard guard = pool.exclusive(pageId)) {
      guard.prepareRedo(recLsn);
      rebuilt++;
    } catch (CorruptionException | StorageIoException lost) {
      lost.addSuppressed(suspect.why());
      engine.quarantine().add(pageId, recLsn, lost);
      pool.refuse(pageId, Objects.requireNonNull(engine.quarantine().why(pageId)));
    }
  }

  private void checkpoint() {
    long endLsn = engine.log().endLsn();
    listener.progress(RecoveryListener.Phase.CHECKPOINT, endLsn, endLsn, endLsn, 0);
    engine.checkpoint();
    listener.progress(RecoveryListener.Phase.CHECKPOINT, endLsn, endLsn, endLsn, 1);
  }

  private Duration since(long startNanos) {
    return Duration.ofNanos(environment.nanoTime() - startNanos);
  }
}
