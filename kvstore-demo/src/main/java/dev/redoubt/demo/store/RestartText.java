package dev.redoubt.demo.store;

import dev.redoubt.demo.output.Text;
import dev.redoubt.recovery.RecoveryListener.Phase;
import dev.redoubt.recovery.RecoveryReport;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Puts a {@link RecoveryReport} into words. */
public final class RestartText {
  private RestartText() {}

  /** Whether there was nothing to recover: a new store, or one closed in order. */
  public static boolean nothingToDo(RecoveryReport report) {
    return report.clean()
        || (report.dirtyPages() == 0
            && report.transactions() == 0
            && report.tornPagesRestored() == 0
            && report.quarantinedPages().isEmpty());
  }

  /** One line a phase, name and time in columns. */
  public static List<String> phases(RecoveryReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(line(Phase.ANALYSIS, report.analysisTime(), analysis(report)));
    lines.add(line(Phase.REDO, report.redoTime(), redo(report)));
    lines.add(line(Phase.UNDO, report.undoTime(), undo(report)));
    besides(report).forEach(line -> lines.add(Text.left("", 19) + line));
    return lines;
  }

  /** What is not so at every restart, a line each: damage, and who waits for a decision. */
  public static List<String> besides(RecoveryReport report) {
    List<String> lines = new ArrayList<>();
    if (report.tornPagesRestored() > 0) {
      String pages = Text.count(report.tornPagesRestored(), "page");
      lines.add(pages + " torn by the crash, restored from their copies");
    }
    if (report.pagesRebuilt() > 0) {
      lines.add(Text.count(report.pagesRebuilt(), "damaged page") + " rebuilt from the log");
    }
    if (!report.quarantinedPages().isEmpty()) {
      lines.add(
          "cannot be brought up to date: pages "
              + report.quarantinedPages()
              + "; see 'redoubt help give-up'");
    }
    if (!report.unfinishedLosers().isEmpty()) {
      lines.add(
          "cannot be rolled back while a page they need is damaged: transactions "
              + report.unfinishedLosers());
    }
    if (report.inDoubt() > 0) {
      lines.add(inDoubt(report.inDoubt()));
    }
    return lines;
  }

  /** That so many transactions wait for their coordinators. */
  public static String inDoubt(int count) {
    return Text.count(count, "transaction") + " in doubt; 'redoubt prepared' lists them";
  }

  /** All in one line, for places that are not a terminal. */
  public static String summary(RecoveryReport report) {
    return "restart after a crash: " + figures(report);
  }

  /** The same of a restart that may be long ago. */
  public static String kept(RecoveryReport report) {
    return report.at().truncatedTo(ChronoUnit.SECONDS)
        + ": "
        + figures(report)
        + (report.complete() ? "" : ", going on");
  }

  private static String figures(RecoveryReport report) {
    String passes =
        String.format(
            Locale.ROOT,
            "analysis %s (%s), redo %s (%s), undo %s (%s)",
            Text.duration(report.analysisTime()),
            Text.count(report.scannedRecords(), "record"),
            Text.duration(report.redoTime()),
            Text.count(report.redone(), "change"),
            Text.duration(report.undoTime()),
            report.losers() == 0
                ? Text.count(0, "loser")
                : Text.count(report.losers(), "loser")
                    + ", "
                    + Text.count(report.clrsWritten(), "CLR"));
    List<String> besides = besides(report);
    return besides.isEmpty() ? passes : passes + "; " + String.join("; ", besides);
  }

  static String name(Phase phase) {
    return phase.name().toLowerCase(Locale.ROOT);
  }

  private static String line(Phase phase, Duration time, String what) {
    return Text.left(name(phase), 9) + Text.right(Text.duration(time), 8) + "  " + what;
  }

  private static String analysis(RecoveryReport report) {
    return Text.count(report.scannedRecords(), "record")
        + " ("
        + Text.bytes(report.scannedBytes())
        + "): "
        + Text.count(report.dirtyPages(), "dirty page")
        + ", "
        + Text.count(report.transactions(), "transaction");
  }

  private static String redo(RecoveryReport report) {
    long skipped = report.skippedNotDirty() + report.skippedRecLsn() + report.skippedPageLsn();
    String repeated = Text.count(report.redone(), "change") + " repeated";
    return skipped == 0 ? repeated : repeated + ", " + Text.count(skipped) + " on disk already";
  }

  private static String undo(RecoveryReport report) {
    if (report.losers() == 0) {
      return "no losers";
    }
    int unfinished = report.unfinishedLosers().size();
    return Text.count(report.losers() - unfinished, "loser")
        + " rolled back"
        + (unfinished == 0 ? "" : ", " + Text.count(unfinished) + " in part,")
        + " with "
        + Text.count(report.clrsWritten(), "CLR");
  }
}
