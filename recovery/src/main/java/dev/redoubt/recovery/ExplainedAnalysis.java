package dev.redoubt.recovery;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes {@link RestartStep}s of what analysis tells. Used by one thread. */
final class ExplainedAnalysis implements AnalysisTrace {
  private final Consumer<RestartStep> steps;
  private final Set<Long> loadedPages = new HashSet<>();

  ExplainedAnalysis(Consumer<RestartStep> steps) {
    this.steps = steps;
  }

  @Override
  public void begins(long fromLsn, long endLsn) {
    steps.accept(new RestartStep.Begin(RestartRule.ANALYSIS_BEGINS, fromLsn, endLsn));
  }

  @Override
  public void loaded(long lsn, TransactionEntry entry) {
    steps.accept(
        new RestartStep.OfTransaction(
            RestartRule.TRANSACTION_LOADED, lsn, "checkpoint-tables", entry));
  }

  @Override
  public void loaded(long lsn, long pageId, long recLsn) {
    loadedPages.add(pageId);
    steps.accept(
        new RestartStep.OfPage(RestartRule.PAGE_LOADED, lsn, "checkpoint-tables", pageId, recLsn));
  }

  @Override
  public void transaction(
      long lsn,
      LogRecord.OfTransaction record,
      @Nullable TransactionEntry before,
      @Nullable TransactionEntry after) {
    RestartRule rule;
    TransactionEntry entry;
    if (after == null) {
      rule = RestartRule.TRANSACTION_REMOVED;
      entry = before == null ? ended(lsn, record) : before;
    } else {
      entry = after;
      if (before == null) {
        rule = RestartRule.TRANSACTION_ENTERED;
      } else {
        rule =
            lsn <= before.lastLsn()
                ? RestartRule.TRANSACTION_KEPT
                : RestartRule.TRANSACTION_MOVED_ON;
      }
    }
    steps.accept(new RestartStep.OfTransaction(rule, lsn, LogDump.type(record), entry));
  }

  /** It was copied after its end, so the table never had it. */
  private static TransactionEntry ended(long lsn, LogRecord.OfTransaction record) {
    return new TransactionEntry(record.transactionId(), Transaction.State.ENDED, lsn, lsn, 0);
  }

  @Override
  public void page(long lsn, LogRecord record, long pageId, long recLsn) {
    boolean entered = recLsn == lsn && !loadedPages.contains(pageId);
    steps.accept(
        new RestartStep.OfPage(
            entered ? RestartRule.PAGE_ENTERED : RestartRule.PAGE_KEPT,
            lsn,
            LogDump.type(record),
            pageId,
            recLsn));
  }
}
