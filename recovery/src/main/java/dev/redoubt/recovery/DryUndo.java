package dev.redoubt.recovery;

import dev.redoubt.wal.Log;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Which records undo would visit, and which CLRs and end records it would write, in order. */
final class DryUndo {
  private final Log log;
  private final AnalysisResult analysis;
  private final DryRedo pages;
  private final Consumer<RestartStep> steps;

  /** Of each loser. */
  private final TreeMap<Long, Long> undoNext = new TreeMap<>();

  private final Set<Long> unfinished = new LinkedHashSet<>();
  private long clrs;

  /**
   * @param pages as redo leaves them
   */
  DryUndo(Log log, AnalysisResult analysis, DryRedo pages, Consumer<RestartStep> steps) {
    this.pages = pages;
    this.log = log;
    this.analysis = analysis;
    this.steps = steps;
  }

  void run() {
    long fromLsn = 0;
    long toLsn = Long.MAX_VALUE;
    for (TransactionEntry entry : analysis.transactions()) {
      switch (entry.state()) {
        case ACTIVE, ABORTING -> {
          undoNext.put(entry.transactionId(), entry.undoNextLsn());
          fromLsn = Math.max(fromLsn, entry.undoNextLsn());
          toLsn = Math.min(toLsn, entry.firstLsn());
        }
        case COMMITTED -> whole(RestartRule.WINNER_ENDED, entry);
        case PREPARED -> whole(RestartRule.LEFT_IN_DOUBT, entry);
        case ENDED -> {}
      }
    }
    steps.accept(
        new RestartStep.Begin(
            RestartRule.UNDO_BEGINS, fromLsn, undoNext.isEmpty() ? fromLsn : toLsn));
    sweep(true);
    sweep(false);
    for (TransactionEntry entry : analysis.transactions()) {
      long id = entry.transactionId();
      if (undoNext.containsKey(id) && !unfinished.contains(id)) {
        whole(RestartRule.LOSER_ENDED, entry);
      }
    }
  }

  private void sweep(boolean nestedOnly) {
    Comparator<Map.Entry<Long, Long>> byLsn = Map.Entry.comparingByValue();
    PriorityQueue<Map.Entry<Long, Long>> queue = new PriorityQueue<>(byLsn.reversed());
    undoNext.forEach((id, lsn) -> queue.add(Map.entry(id, lsn)));
    while (!queue.isEmpty()) {
      Map.Entry<Long, Long> loser = queue.remove();
      long lsn = loser.getValue();
      if (lsn != 0
          && !unfinished.contains(loser.getKey())
          && step(loser.getKey(), lsn, nestedOnly)) {
        queue.add(Map.entry(loser.getKey(), undoNext.getOrDefault(loser.getKey(), 0L)));
      }
    }
  }

  private boolean step(long id, long lsn, boolean nestedOnly) {
    LogRecord.OfTransaction own = Rollback.decode(MemorySegment.ofArray(log.read(lsn)), lsn, id);
    if (nestedOnly && own instanceof LogRecord.Update update && !update.nested()) {
      return false;
    }
    long next = Rollback.undoNextLsn(own);
    RestartRule rule =
        switch (own) {
          case LogRecord.Update update when needsLostPage(update) -> RestartRule.LOSER_QUARANTINED;
          case LogRecord.Update update -> {
            clrs++;
            yield update.nested() ? RestartRule.UNDONE_NESTED : RestartRule.UNDONE;
          }
          case LogRecord.Clr _ -> RestartRule.PASSED_CLR;
          case LogRecord.NestedTopActionEnd _ -> RestartRule.PASSED_NESTED_TOP_ACTION;
          case LogRecord.Commit _,
              LogRecord.Abort _,
              LogRecord.End _,
              LogRecord.Prepare _,
              LogRecord.UndoCopy _,
              LogRecord.PrepareMoved _ ->
              RestartRule.PASSED;
        };
    steps.accept(new RestartStep.OfUndo(rule, lsn, LogDump.type(own), id, pageOf(own), next));
    if (rule == RestartRule.LOSER_QUARANTINED) {
      unfinished.add(id);
      return false;
    }
    undoNext.put(id, next);
    return true;
  }

  private static long pageOf(LogRecord record) {
    return record instanceof LogRecord.Redoable redoable && !redoable.changes().isEmpty()
        ? redoable.changes().getFirst().pageId()
        : 0;
  }

  /** Undo of a format frees the page without looking at it. */
  private boolean needsLostPage(LogRecord.Update update) {
    return update.changes().stream()
        .anyMatch(change -> !change.format() && !pages.canBeUndone(change.pageId()));
  }

  private void whole(RestartRule rule, TransactionEntry entry) {
    steps.accept(new RestartStep.OfUndo(rule, entry.lastLsn(), "", entry.transactionId(), 0, 0));
  }

  List<Long> unfinished() {
    return List.copyOf(unfinished);
  }

  int losers() {
    return undoNext.size();
  }

  long clrs() {
    return clrs;
  }
}
