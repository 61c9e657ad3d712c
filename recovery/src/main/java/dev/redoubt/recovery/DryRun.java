package dev.redoubt.recovery;

import dev.redoubt.buffer.PageLayout;
import dev.redoubt.buffer.PageStore;
import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.buffer.PageVerifier;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogCursor;
import dev.redoubt.wal.LogOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * What restart would do, without doing it: the real analysis, then redo and undo on page versions
 * alone. Writes nothing, ever, takes no lock, and may look at a store that is damaged. Used once,
 * by one thread.
 *
 * <p>It does not restore torn pages: a page that restart would bring back from the double-write
 * area shows as {@code BAD_PAGE} here.
 */
public final class DryRun {
  private static final long UNREADABLE = -1;

  private final Log log;
  private final Consumer<PlannedAction> actions;
  private final Map<Long, Long> pageLsns = new HashMap<>();
  private long redone;
  private long skippedNotDirty;
  private long skippedRecLsn;
  private long skippedPageLsn;
  private long clrs;

  private DryRun(Log log, Consumer<PlannedAction> actions) {
    this.log = log;
    this.actions = actions;
  }

  /**
   * Runs it.
   *
   * @param actions told of every step in the order in which restart would take it
   * @return the report that restart would give; times are of the dry run
   * @throws dev.redoubt.io.NotAStoreException if there is no store
   * @throws CorruptionException if the log is damaged below what was known durable
   */
  public static RecoveryReport run(
      Disk disk, Environment environment, LogOptions options, Consumer<PlannedAction> actions) {
    return run(disk, environment, options, PageStoreKind.FILE, actions);
  }

  /**
   * The same for a store whose pages are kept otherwise.
   *
   * @throws OptionsMismatchException if they are not of that kind
   */
  public static RecoveryReport run(
      Disk disk,
      Environment environment,
      LogOptions options,
      PageStoreKind kind,
      Consumer<PlannedAction> actions) {
    try (Log log = Log.openReadOnly(disk, environment, options)) {
      StoreIdentity identity = StoreIdentity.decode(log.attributes());
      identity.require(kind);
      long start = environment.nanoTime();
      AnalysisResult analysis = new Analysis(log, RecoveryMeter.NONE).run();
      long analysed = environment.nanoTime();
      DryRun run = new DryRun(log, actions);
      try (PageStore pages = kind.openReadOnly(identity.place(disk, log.storeId()))) {
        run.redo(analysis, pages);
      }
      long redone = environment.nanoTime();
      int losers = run.undo(analysis);
      return run.report(
          analysis,
          losers,
          Duration.ofNanos(analysed - start),
          Duration.ofNanos(redone - analysed),
          Duration.ofNanos(environment.nanoTime() - redone));
    }
  }

  private void redo(AnalysisResult analysis, PageStore pages) {
    if (analysis.redoLsn() >= analysis.endLsn()) {
      return;
    }
    try (LogCursor cursor = log.cursor(analysis.redoLsn())) {
      while (cursor.next()) {
        LogRecord record = LogRecordCodec.decode(cursor.payload(), cursor.lsn());
        if (record instanceof LogRecord.Redoable redoable) {
          long id = record instanceof LogRecord.OfTransaction own ? own.transactionId() : 0;
          for (LogRecord.PageChange change : redoable.changes()) {
            redo(cursor.lsn(), id, change, analysis, pages);
          }
        }
      }
    }
  }

  private void redo(
      long lsn,
      long transactionId,
      LogRecord.PageChange change,
      AnalysisResult analysis,
      PageStore pages) {
    long pageId = change.pageId();
    long recLsn = analysis.dirtyPages().recLsn(pageId);
    PlannedAction.Step step;
    String why;
    if (recLsn == Long.MAX_VALUE) {
      skippedNotDirty++;
      step = PlannedAction.Step.SKIP_NOT_DIRTY;
      why = "the page is not in the dirty page table";
    } else if (lsn < recLsn) {
      skippedRecLsn++;
      step = PlannedAction.Step.SKIP_REC_LSN;
      why = "recLSN is " + recLsn;
    } else {
      long pageLsn = pageLsns.computeIfAbsent(pageId, id -> storedPageLsn(id, pages));
      why = pageLsn == UNREADABLE ? "the page is unreadable" : "pageLSN is " + pageLsn;
      if (pageLsn >= lsn) {
        skippedPageLsn++;
        step = PlannedAction.Step.SKIP_PAGE_LSN;
      } else if (!change.format() && pageLsn != change.prevPageLsn()) {
        step = PlannedAction.Step.BAD_PAGE;
        why += ", the record was made against " + change.prevPageLsn();
      } else {
        redone++;
        step = PlannedAction.Step.REDO;
        pageLsns.put(pageId, lsn);
      }
    }
    actions.accept(new PlannedAction(step, lsn, transactionId, pageId, why));
  }

  private long storedPageLsn(long pageId, PageStore pages) {
    MemorySegment page = Arena.ofAuto().allocate(pages.pageSize(), 4096);
    pages.read(pageId, page.asByteBuffer());
    if (PageVerifier.isBlank(page)) {
      return 0;
    }
    PageVerifier verifier = new PageVerifier(log.storeId(), pages.pageSize());
    return verifier.problem(page, pageId, log.endLsn(), "pages") == null
        ? PageLayout.pageLsn(page)
        : UNREADABLE;
  }

  private int undo(AnalysisResult analysis) {
    Map<Long, Long> undoNext = new HashMap<>();
    for (TransactionEntry entry : analysis.transactions()) {
      switch (entry.state()) {
        case ACTIVE, ABORTING -> undoNext.put(entry.transactionId(), entry.undoNextLsn());
        case COMMITTED -> end(entry, "its commit record is there");
        case PREPARED -> act(PlannedAction.Step.IN_DOUBT, entry.lastLsn(), entry.transactionId());
        case ENDED -> {}
      }
    }
    sweep(undoNext, true);
    sweep(undoNext, false);
    for (TransactionEntry entry : analysis.transactions()) {
      if (undoNext.containsKey(entry.transactionId())) {
        end(entry, "it is undone");
      }
    }
    return undoNext.size();
  }

  private void sweep(Map<Long, Long> undoNext, boolean nestedOnly) {
    Comparator<Map.Entry<Long, Long>> byLsn = Map.Entry.comparingByValue();
    PriorityQueue<Map.Entry<Long, Long>> queue = new PriorityQueue<>(byLsn.reversed());
    undoNext.forEach((id, lsn) -> queue.add(Map.entry(id, lsn)));
    while (!queue.isEmpty()) {
      Map.Entry<Long, Long> loser = queue.remove();
      long lsn = loser.getValue();
      if (lsn != 0 && step(loser.getKey(), lsn, nestedOnly, undoNext)) {
        queue.add(Map.entry(loser.getKey(), undoNext.getOrDefault(loser.getKey(), 0L)));
      }
    }
  }

  private boolean step(long id, long lsn, boolean nestedOnly, Map<Long, Long> undoNext) {
    LogRecord record = LogRecordCodec.decode(MemorySegment.ofArray(log.read(lsn)), lsn);
    if (!(record instanceof LogRecord.OfTransaction own) || own.transactionId() != id) {
      throw new CorruptionException(
          "the chain of transaction " + id + " leads to LSN " + lsn + ", not one of its records");
    }
    if (record instanceof LogRecord.Update update) {
      if (nestedOnly && !update.nested()) {
        return false;
      }
      clrs++;
      act(PlannedAction.Step.UNDO, lsn, id);
    } else {
      act(PlannedAction.Step.PASS, lsn, id);
    }
    undoNext.put(id, Rollback.undoNextLsn(own));
    return true;
  }

  private void act(PlannedAction.Step step, long lsn, long transactionId) {
    actions.accept(new PlannedAction(step, lsn, transactionId, 0, ""));
  }

  private void end(TransactionEntry entry, String why) {
    actions.accept(
        new PlannedAction(PlannedAction.Step.END, entry.lastLsn(), entry.transactionId(), 0, why));
  }

  private RecoveryReport report(
      AnalysisResult analysis, int losers, Duration first, Duration second, Duration third) {
    return new RecoveryReport(
        log.master().clean(),
        analysis.checkpointLsn(),
        analysis.redoLsn(),
        analysis.endLsn(),
        analysis.scannedBytes(),
        analysis.scannedRecords(),
        analysis.dirtyPages().size(),
        analysis.transactions().size(),
        redone,
        skippedNotDirty,
        skippedRecLsn,
        skippedPageLsn,
        losers,
        clrs,
        0,
        0,
        List.of(),
        List.of(),
        Analysis.inState(analysis, Transaction.State.PREPARED).size(),
        first,
        second,
        third,
        Duration.ZERO);
  }
}
