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
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

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
  private final Opening opening;
  private @Nullable BackgroundRedo owedRedo;
  private int rebuilt;

  /**
   * What came before.
   *
   * @param clean whether the store had been closed in order
   * @param at wall-clock time of the opening
   * @param startNanos when it began
   */
  record Opening(
      boolean clean, Instant at, long startNanos, Duration analysisTime, List<Long> tornPages) {}

  Restart(
      Engine engine,
      Opening opening,
      AnalysisResult analysis,
      FirstRound first,
      RestartCheckpoints checkpoints,
      RestartMode mode,
      RecoveryMeter listener) {
    this.engine = engine;
    this.opening = opening;
    this.mode = mode;
    this.checkpoints = checkpoints;
    this.analysis = analysis;
    this.first = first;
    this.listener = listener;
    this.environment = engine.environment();
  }

  /**
   * Runs what is left of restart. At return of a full one history is repeated, every loser is
   * undone or in quarantine, every winner has its end record, in-doubt transactions are back, and a
   * checkpoint is durable. An instant one leaves to {@link Engine#restart} what may go on behind
   * the open engine.
   */
  void run() {
    Log log = engine.log();
    BufferPool pool = engine.pool();
    List<Transaction> losers = reopenTransactions();

    long redoStart = environment.nanoTime();
    long pagesRead = pool.pagesRead();
    Redo redo = mode == RestartMode.FULL ? redo(log, pool) : leaveRedo(log, pool);
    Duration redoTime = since(redoStart);
    pagesRead = pool.pagesRead() - pagesRead;

    long undoStart = environment.nanoTime();
    Undo undo = new Undo(engine.rollback(), log.window(), engine.slack(), checkpoints, listener);
    @Nullable LoserUndo left = null;
    if (mode == RestartMode.INSTANT && !losers.isEmpty()) {
      undo.nested(losers);
      left = new LoserUndo(engine, losers, undo.quarantined());
    } else {
      undo.run(losers);
    }
    Duration undoTime = since(undoStart);
    Work work = new Work(redo, losers.size(), undo, left, redoTime, undoTime, pagesRead);
    if (owedRedo == null && left == null && !analysis.isEmptyLog()) {
      Duration phases = opening.analysisTime().plus(redoTime).plus(undoTime);
      engine.pacing().measured(measured(work, since(opening.startNanos()).minus(phases)));
    }

    long oldest =
        undo.quarantined().stream().mapToLong(Transaction::firstLsn).min().orElse(Long.MAX_VALUE);
    engine.quarantine().holdForLosers(oldest);
    RestartReports reports = engine.restartReports();
    boolean complete = owedRedo == null && left == null;
    reports.restarted(report(work, complete), analysis.isEmptyLog());
    if (!complete) {
      leave(work);
    }
    if (owedRedo == null) {
      long checkpointStart = environment.nanoTime();
      checkpoint(); // A table as long as before would only keep the opener waiting.
      RecoveryReport report = reports.ofOpening();
      reports.restarted(report.withCheckpointTime(since(checkpointStart)), analysis.isEmptyLog());
    }
    tell(reports.ofOpening());
  }

  /**
   * What redo and undo have done so far.
   *
   * @param left undo that goes on behind the open engine
   */
  private record Work(
      Redo redo,
      int losers,
      Undo undo,
      @Nullable LoserUndo left,
      Duration redoTime,
      Duration undoTime,
      long pagesRead) {
    long clrs() {
      return undo.clrsWritten() + (left == null ? 0 : left.clrsWritten());
    }

    List<Long> unfinished() {
      return left == null
          ? undo.quarantined().stream().map(Transaction::id).toList()
          : left.stuckIds();
    }
  }

  private void leave(Work work) {
    List<RestartWork> works = new ArrayList<>();
    if (owedRedo != null) {
      works.add(owedRedo);
    }
    if (work.left() != null) {
      works.add(work.left());
    }
    Duration phases = opening.analysisTime().plus(work.redoTime()).plus(work.undoTime());
    Duration other = since(opening.startNanos()).minus(phases);
    engine.leave(new ContinuedRestart(engine, works, () -> ended(work, other)));
  }

  /** What was left has come to its end: the report is complete and made durable. */
  private void ended(Work work, Duration other) {
    BackgroundRedo redo = owedRedo;
    LoserUndo undo = work.left();
    Work all =
        new Work(
            work.redo(),
            work.losers(),
            work.undo(),
            undo,
            redo == null ? work.redoTime() : work.redoTime().plus(redo.time()),
            undo == null ? work.undoTime() : work.undoTime().plus(undo.time()),
            redo == null ? work.pagesRead() : redo.pagesRead());
    engine.pacing().measuredBehind(measured(all, other));
    RecoveryReport report = report(all, true);
    engine.restartReports().completed(report);
    tell(report);
    engine.checkpoint();
  }

  private static void tell(RecoveryReport report) {
    if (FlightRecorder.isInitialized()) {
      RestartEvent.tell(report);
    }
  }

  /** What it took, but for {@code other}: what is neither analysis nor redo nor undo. */
  private RestartRates.Measured measured(Work work, Duration other) {
    return new RestartRates.Measured(
        other.toNanos(),
        opening.analysisTime().toNanos(),
        analysis.scannedBytes(),
        analysis.scannedRecords(),
        work.redoTime().toNanos(),
        analysis.endLsn() - analysis.redoLsn(),
        work.redo().records(),
        work.redo().redone(),
        Math.min(work.pagesRead(), work.redo().pagesAsked()), // users may have read others
        work.redo().pageWaitNanos(),
        work.undoTime().toNanos(),
        work.clrs());
  }

  private RecoveryReport report(Work work, boolean complete) {
    Redo redo = work.redo();
    return new RecoveryReport(
        opening.clean(),
        complete,
        opening.at(),
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
        work.losers(),
        work.clrs(),
        opening.tornPages().size(),
        rebuilt + (owedRedo == null ? 0 : owedRedo.rebuilt()),
        engine.quarantine().pageIds(),
        work.unfinished(),
        Analysis.inState(analysis, Transaction.State.PREPARED).size(),
        opening.analysisTime(),
        work.redoTime(),
        work.undoTime(),
        Duration.ZERO);
  }

  private Redo redo(Log log, BufferPool pool) {
    Redo redo = redo(log, pool, null, !engine.isBackground());
    redo.setBudget(first.round().laterBudget());
    // Checkpoints of restart may cut the log: not before the suspects' chains were followed in it.
    try (LogHolder chains = log.hold("redo", log.startLsn())) {
      redo.run(first.round());
      redo.suspects().forEach(this::rebuildOrRefuse);
      chains.advance(analysis.endLsn());
    }
    return redo;
  }

  /** Instant restart: pages are owed redo from now on, and the background is left to bring it. */
  private Redo leaveRedo(Log log, BufferPool pool) {
    OwedPages pages =
        new OwedPages(log, engine.managers(), engine.quarantine(), analysis.dirtyPages());
    if (pages.left() == 0) {
      return redo(log, pool);
    }
    Redo redo = redo(log, pool, pages, true);
    redo.begin(first.round());
    engine.owe(pages);
    owedRedo = new BackgroundRedo(engine, analysis, pages, redo);
    return redo;
  }

  private Redo redo(Log log, BufferPool pool, @Nullable OwedPages pages, boolean alone) {
    return new Redo(
        log,
        pool,
        engine.managers(),
        analysis,
        first.reader(),
        checkpoints,
        listener,
        pages,
        environment,
        alone);
  }

  /** The transaction table of analysis becomes the live one; returns the losers. */
  private List<Transaction> reopenTransactions() {
    List<Transaction> losers = new ArrayList<>();
    engine.transactions().continueFrom(analysis.nextTransactionId());
    for (TransactionEntry entry : analysis.transactions()) {
      Transaction transaction = new Transaction(entry, engine.services());
      engine.transactions().add(transaction);
      switch (entry.state()) {
        case COMMITTED -> TransactionEnd.ofRestart(transaction);
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
      engine.quarantine().add(pageId, recLsn, suspect.lastLsn(), lost);
      engine.quarantine().refuseIn(engine.pool(), pageId);
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
