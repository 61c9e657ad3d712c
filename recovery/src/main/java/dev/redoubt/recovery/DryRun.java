package dev.redoubt.recovery;

import dev.redoubt.buffer.PageStore;
import dev.redoubt.buffer.PageStoreKind;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * What a {@linkplain RestartMode#FULL full} restart would do, step by step and why, without doing
 * it: the real analysis, then redo and undo on page versions alone. Writes nothing, ever, takes no
 * lock, and may look at a store that is damaged. Used once, by one thread.
 *
 * <p>No page's bytes are changed, so two things are not foreseen: a resource manager that fails,
 * and a loser whose logical undo meets a damaged page that the record to undo does not name.
 */
public final class DryRun {
  private DryRun() {}

  /**
   * Runs it.
   *
   * @param steps told of every step in the order in which restart would take it; redo in the order
   *     of the log, though restart may go page by page
   * @return the report that restart would give; times are of the dry run
   * @throws dev.redoubt.io.NotAStoreException if there is no store
   * @throws dev.redoubt.io.CorruptionException if the log is damaged below what was known durable
   */
  public static RecoveryReport run(
      Disk disk, Environment environment, LogOptions options, Consumer<RestartStep> steps) {
    return run(disk, environment, options, PageStoreKind.FILE, steps);
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
      Consumer<RestartStep> steps) {
    try (Log log = Log.openReadOnly(disk, environment, options)) {
      StoreIdentity identity = StoreIdentity.decode(log.attributes());
      identity.require(kind);
      Instant at = environment.now();
      long start = environment.nanoTime();
      AnalysisResult analysis =
          new Analysis(log, RecoveryMeter.NONE, new ExplainedAnalysis(steps)).run();
      long analysed = environment.nanoTime();
      try (PageStore pages = kind.openReadOnly(identity.place(disk, log.storeId()))) {
        DryRedo redo = new DryRedo(log, pages, analysis, steps);
        redo.run();
        long redone = environment.nanoTime();
        DryUndo undo = new DryUndo(log, analysis, redo, steps);
        undo.run();
        return report(
            log,
            at,
            analysis,
            redo,
            undo,
            Duration.ofNanos(analysed - start),
            Duration.ofNanos(redone - analysed),
            Duration.ofNanos(environment.nanoTime() - redone));
      }
    }
  }

  private static RecoveryReport report(
      Log log,
      Instant at,
      AnalysisResult analysis,
      DryRedo redo,
      DryUndo undo,
      Duration first,
      Duration second,
      Duration third) {
    return new RecoveryReport(
        log.master().clean(),
        true,
        at,
        analysis.checkpointLsn(),
        analysis.redoLsn(),
        analysis.endLsn(),
        analysis.scannedBytes(),
        analysis.scannedRecords(),
        analysis.dirtyPages().size(),
        analysis.transactions().size(),
        redo.count(RestartRule.APPLIED),
        redo.count(RestartRule.SKIPPED_NOT_DIRTY),
        redo.count(RestartRule.SKIPPED_REC_LSN),
        redo.count(RestartRule.SKIPPED_PAGE_LSN),
        undo.losers(),
        undo.clrs(),
        Math.toIntExact(redo.count(RestartRule.TORN_PAGE_RESTORED)),
        Math.toIntExact(redo.count(RestartRule.REBUILT)),
        redo.quarantined(),
        undo.unfinished(),
        Analysis.inState(analysis, Transaction.State.PREPARED).size(),
        first,
        second,
        third,
        Duration.ZERO);
  }
}
