package dev.redoubt.demo.command;

import dev.redoubt.demo.inspect.Forecast;
import dev.redoubt.demo.inspect.StepView;
import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.store.RestartScreen;
import dev.redoubt.demo.store.RestartText;
import dev.redoubt.demo.store.Stores;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.kv.Store;
import dev.redoubt.recovery.RecoveryReport;
import dev.redoubt.recovery.RestartStep;
import dev.redoubt.wal.UnreadableBlock;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code redoubt recover}. */
@Command(
    name = "recover",
    header = "Run restart, or show what it would do (--dry-run, --explain).",
    description = {
      "Run restart on a store that crashed, print what each phase did, and close it in order.",
      "With --dry-run print what restart would do; nothing is written. With --explain print every"
          + " step of it and why, too; with --json one object a line (docs/format-trace.md)."
    })
final class RecoverCommand extends BaseCommand {
  private static final int CHECK_LINES = 1000;

  @Parameters(index = "0", paramLabel = "DIR", description = "Folder of the store.")
  private Path directory;

  @Option(names = "--dry-run", description = "Only look.")
  private boolean dryRun;

  @Option(names = "--explain", description = "Only look, and tell each step and why.")
  private boolean explain;

  @Option(
      names = "--accept-unreadable-tail",
      description = {
        "If the end of the log cannot be read (I/O error), take what cannot be read, and all of the"
            + " log behind it, for lost. Only where nothing shows that it had been forced. Without"
            + " this such a store does not open. Exit code 1 if anything was given up."
      })
  private boolean acceptUnreadableTail;

  private long printed;

  RecoverCommand() {}

  @Override
  public Integer call() {
    if (acceptUnreadableTail && (explain || dryRun)) {
      throw new IllegalArgumentException(
          "--accept-unreadable-tail changes the store: not with --dry-run or --explain");
    }
    if (explain) {
      return explain();
    }
    return dryRun ? forecast() : recover();
  }

  private int explain() {
    try (Disk disk = Stores.existing(directory)) {
      out().println(json() ? Json.of(StepView.jsonHead()) : StepView.heads());
      Forecast forecast = Forecast.of(disk, Environment.system(), this::print);
      print(StepView.jsonEnd(forecast.report()), "\n" + forecast.text());
    } catch (CancellationException enough) {
      return ExitCode.OK;
    }
    return ExitCode.OK;
  }

  private void print(RestartStep step) {
    StepView view = new StepView(step);
    out().println(json() ? Json.of(view.json()) : view.text());
    // checkError is how a PrintWriter says that the reader has gone (... --explain | head).
    if (++printed % CHECK_LINES == 0 && out().checkError()) {
      throw new CancellationException();
    }
  }

  private int forecast() {
    try (Disk disk = Stores.existing(directory)) {
      Forecast forecast = Forecast.of(disk, Environment.system());
      print(forecast, forecast.text());
    }
    return ExitCode.OK;
  }

  private int recover() {
    RecoveryReport report;
    List<UnreadableBlock> lost;
    try (RestartScreen screen = new RestartScreen(terminal(), err());
        Store store =
            acceptUnreadableTail
                ? Stores.openAcceptingLoss(directory, screen)
                : Stores.openExisting(directory, screen)) {
      report = store.lastRecovery();
      lost = store.engine().log().unreadableTail();
    }
    String text =
        RestartText.nothingToDo(report)
            ? "the store had been closed in order: nothing to recover"
            : String.join("\n", RestartText.phases(report));
    if (lost.isEmpty()) {
      print(report, text);
      return ExitCode.OK;
    }
    Map<String, @Nullable Object> members = Json.members(report);
    members.put("givenUp", lost);
    print(members, text + "\ngiven up, with all of the log behind: " + lost);
    return ExitCode.NO;
  }
}
