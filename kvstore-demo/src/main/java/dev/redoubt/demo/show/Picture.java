package dev.redoubt.demo.show;

import dev.redoubt.demo.output.Progress;
import dev.redoubt.demo.output.ProgressBar;
import dev.redoubt.demo.output.Terminal;
import dev.redoubt.demo.output.Terminal.Color;
import dev.redoubt.demo.output.Text;
import dev.redoubt.demo.show.Plan.Kind;
import dev.redoubt.demo.show.Tally.Moment;
import dev.redoubt.demo.store.RestartScreen;
import dev.redoubt.demo.store.RestartText;
import dev.redoubt.kv.VerifyReport;
import dev.redoubt.recovery.RecoveryReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;

/** What a person sees of a {@link Demonstration}. Used by the thread that runs it. */
public final class Picture {
  private static final String INDENT = "   ";

  private final Terminal terminal;
  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean silent;

  /**
   * A picture.
   *
   * @param silent whether nothing at all is printed
   */
  public Picture(Terminal terminal, PrintWriter out, PrintWriter err, boolean silent) {
    this.terminal = silent ? Terminal.NONE : terminal;
    this.out = out;
    this.err = err;
    this.silent = silent;
  }

  void opening(Plan plan, Setting setting, Path directory) {
    line(terminal.paint(Color.BOLD, "Redoubt: real data, kill -9, restart, proof"));
    line("");
    line("data    " + Text.count(plan.cities().size()) + " cities of " + Cities.ATTRIBUTION);
    line("store   " + directory);
    long rollbacks = plan.transactions().stream().filter(t -> t.kind() == Kind.ROLLBACK).count();
    line(
        "work    "
            + Text.count(plan.transactions().size())
            + " transactions of 1 to "
            + Text.count(plan.transactions().stream().mapToInt(t -> t.size()).max().orElse(0))
            + " cities; "
            + Text.count(rollbacks)
            + " of them roll back on purpose");
    line("        " + Text.count(setting.threads(), "writer") + ", checkpoints all the while");
  }

  void round(int number, boolean killRestart) {
    title(
        number,
        killRestart
            ? "Write on, kill again, and kill the restart as well"
            : "Write, and kill the process in the middle of it");
  }

  void lastRound(int number) {
    title(number, "Write the rest, close in order, check everything");
  }

  Progress writing() {
    return ProgressBar.on(terminal, err, "write", "cities");
  }

  Progress verifying() {
    return ProgressBar.on(terminal, err, "verify", "pages");
  }

  RestartScreen restarting() {
    return new RestartScreen(terminal, err);
  }

  void killed(Moment moment, Duration time) {
    line(INDENT + terminal.paint(Color.RED, "kill -9") + " after " + Text.duration(time) + ":");
    line(
        INDENT
            + Text.count(moment.acknowledged(), "transaction")
            + " acknowledged ("
            + Text.count(moment.acknowledgedEntries(), "city", "cities")
            + "), "
            + Text.count(moment.rolledBack())
            + " rolled back, "
            + Text.count(moment.checkpoints(), "checkpoint"));
    line(
        INDENT
            + Text.count(moment.inFlight(), "transaction")
            + " cut off, one of them with "
            + Text.count(moment.largeEntries(), "city", "cities")
            + " written");
  }

  void restartKilled(long undone) {
    line(
        INDENT
            + (undone == 0
                ? "the restart was over before it could be killed"
                : terminal.paint(Color.RED, "kill -9")
                    + " of the restart in its undo, after "
                    + Text.count(undone, "record")));
  }

  void restarted(RecoveryReport report) {
    line("");
    RestartText.phases(report).forEach(text -> line(INDENT + text));
  }

  void proved(Round round, int keptBefore) {
    Proof proof = round.proof();
    line("");
    if (!proof.holds()) {
      problems(proof);
      return;
    }
    int kept = proof.kept() - keptBefore;
    check(Text.count(proof.acknowledged(), "acknowledged transaction") + " whole");
    check(Text.count(round.rolledBack(), "rolled-back transaction") + " without a trace");
    check(
        Text.count(round.inFlight(), "transaction")
            + " cut off: "
            + kept
            + " wholly there, "
            + (round.inFlight() - kept)
            + " wholly gone");
    check(Text.count(proof.entries(), "city", "cities") + " in the store, and nothing else");
  }

  void complete(Proof proof, RecoveryReport report) {
    line(
        INDENT
            + (RestartText.nothingToDo(report)
                ? "closed in order: opened again with nothing to recover"
                : RestartText.summary(report)));
    line("");
    if (proof.holds()) {
      check(
          "all "
              + Text.count(proof.acknowledged() + (long) proof.kept(), "transaction")
              + " whole, "
              + Text.count(proof.entries(), "city", "cities"));
    } else {
      problems(proof);
    }
  }

  void verified(VerifyReport report) {
    if (report.ok()) {
      check(
          "verify: "
              + Text.count(report.pages(), "page")
              + ", "
              + Text.count(report.trees(), "tree")
              + ", "
              + Text.count(report.entries(), "entry", "entries")
              + ", "
              + Text.count(report.logRecords(), "log record"));
    } else {
      report.problems().forEach(this::cross);
    }
  }

  void closing(Summary summary) {
    line("");
    long killed = summary.rounds().stream().filter(r -> r.undoneBeforeSecondKill() > 0).count();
    String crashes =
        Text.count(summary.rounds().size() + killed)
            + " kills, "
            + Text.count(summary.transactions(), "transaction")
            + ", "
            + Text.duration(summary.time());
    line(
        summary.holds()
            ? terminal.paint(Color.GREEN, "Every promise kept") + ": " + crashes
            : terminal.paint(Color.RED, "A PROMISE WAS BROKEN") + ": " + crashes);
  }

  private void problems(Proof proof) {
    proof.problems().forEach(this::cross);
  }

  private void title(int number, String text) {
    line("");
    line(terminal.paint(Color.BOLD, number + "  " + text));
  }

  private void check(String text) {
    line(INDENT + terminal.paint(Color.GREEN, "✓") + " " + text);
  }

  private void cross(String text) {
    line(INDENT + terminal.paint(Color.RED, "✗") + " " + text);
  }

  private void line(String text) {
    if (!silent) {
      out.println(text);
      out.flush();
    }
  }
}
