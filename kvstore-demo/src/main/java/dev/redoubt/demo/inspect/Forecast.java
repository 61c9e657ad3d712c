package dev.redoubt.demo.inspect;

import dev.redoubt.demo.output.Text;
import dev.redoubt.demo.store.RestartText;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.recovery.DryRun;
import dev.redoubt.recovery.RecoveryReport;
import dev.redoubt.recovery.RestartRule;
import dev.redoubt.recovery.RestartStep;
import dev.redoubt.wal.LogOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What a restart would do.
 *
 * @param report as restart would give it; the times are those of the dry run
 * @param losers transactions that undo would roll back, by id
 */
public record Forecast(RecoveryReport report, List<Loser> losers) {
  private static final int LOSERS_SHOWN = 20;

  /**
   * A transaction that undo would roll back.
   *
   * @param transactionId the transaction
   * @param updatesToUndo one CLR would be written for each
   * @param fromLsn the newest of them
   * @param toLsn the oldest of them
   */
  public record Loser(long transactionId, long updatesToUndo, long fromLsn, long toLsn) {
    Loser and(long lsn) {
      return new Loser(
          transactionId, updatesToUndo + 1, Math.max(fromLsn, lsn), Math.min(toLsn, lsn));
    }
  }

  /** Makes the forecast; nothing is written. */
  public static Forecast of(Disk disk, Environment environment) {
    return of(disk, environment, step -> {});
  }

  /** The same, handing on each step as it is foreseen. */
  public static Forecast of(Disk disk, Environment environment, Consumer<RestartStep> steps) {
    Map<Long, Loser> losers = new TreeMap<>();
    RecoveryReport report =
        DryRun.run(
            disk,
            environment,
            LogOptions.defaults().withBackground(false),
            step -> {
              note(step, losers);
              steps.accept(step);
            });
    return new Forecast(report, new ArrayList<>(losers.values()));
  }

  private static void note(RestartStep step, Map<Long, Loser> losers) {
    if (step instanceof RestartStep.OfUndo undo
        && (undo.rule() == RestartRule.UNDONE || undo.rule() == RestartRule.UNDONE_NESTED)) {
      losers.merge(
          undo.transactionId(),
          new Loser(undo.transactionId(), 1, undo.lsn(), undo.lsn()),
          (known, added) -> known.and(undo.lsn()));
    }
  }

  /** Lines of text. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        RestartText.nothingToDo(report)
            ? "There is nothing to recover. A restart would do this:\n"
            : "The store was not closed in order. A restart would do this:\n");
    text.append("analysis   ").append(analysis()).append('\n');
    text.append("redo       ").append(redo()).append('\n');
    text.append("undo       ").append(undo()).append('\n');
    losers.stream().limit(LOSERS_SHOWN).forEach(loser -> text.append(line(loser)).append('\n'));
    if (losers.size() > LOSERS_SHOWN) {
      String more = Text.count(losers.size() - LOSERS_SHOWN);
      text.append("           and ").append(more).append(" more\n");
    }
    RestartText.besides(report)
        .forEach(line -> text.append("besides    ").append(line).append('\n'));
    return text.append("Nothing was written.\n").toString();
  }

  private String analysis() {
    return "from LSN "
        + report.checkpointLsn()
        + " to "
        + report.endLsn()
        + ": "
        + Text.count(report.scannedRecords(), "record")
        + ", "
        + Text.bytes(report.scannedBytes())
        + "; "
        + Text.count(report.dirtyPages(), "dirty page")
        + ", "
        + Text.count(report.transactions(), "open transaction");
  }

  private String redo() {
    return report.redoLsn() >= report.endLsn()
        ? "nothing"
        : "from LSN "
            + report.redoLsn()
            + ": "
            + Text.count(report.redone(), "change")
            + " to repeat; skipped: "
            + Text.count(report.skippedNotDirty())
            + " (page not dirty), "
            + Text.count(report.skippedRecLsn())
            + " (before recLSN), "
            + Text.count(report.skippedPageLsn())
            + " (pageLSN new enough)";
  }

  private String undo() {
    return report.losers() == 0
        ? "no losers"
        : Text.count(report.losers(), "loser")
            + ", "
            + Text.count(report.clrsWritten(), "update")
            + " to undo";
  }

  private static String line(Loser loser) {
    return "           transaction "
        + loser.transactionId()
        + ": "
        + Text.count(loser.updatesToUndo(), "update")
        + " to undo, LSN "
        + loser.fromLsn()
        + " back to "
        + loser.toLsn();
  }
}
