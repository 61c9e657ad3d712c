package dev.redoubt.demo.command;

import dev.redoubt.demo.inspect.Forecast;
import dev.redoubt.demo.store.RestartScreen;
import dev.redoubt.demo.store.RestartText;
import dev.redoubt.demo.store.Stores;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.kv.Store;
import dev.redoubt.recovery.RecoveryReport;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code redoubt recover}. */
@Command(
    name = "recover",
    header = "Run restart, or show what it would do (--dry-run).",
    description = {
      "Run restart on a store that crashed, print what each phase did, and close it in order.",
      "With --dry-run print what restart would do; nothing is written."
    })
final class RecoverCommand extends BaseCommand {
  @Parameters(index = "0", paramLabel = "DIR", description = "Folder of the store.")
  private Path directory;

  @Option(names = "--dry-run", description = "Only look.")
  private boolean dryRun;

  RecoverCommand() {}

  @Override
  public Integer call() {
    return dryRun ? forecast() : recover();
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
    try (RestartScreen screen = new RestartScreen(terminal(), err());
        Store store = Stores.openExisting(directory, screen)) {
      report = store.lastRecovery();
    }
    String text =
        RestartText.nothingToDo(report)
            ? "the store had been closed in order: nothing to recover"
            : String.join("\n", RestartText.phases(report));
    print(report, text);
    return ExitCode.OK;
  }
}
