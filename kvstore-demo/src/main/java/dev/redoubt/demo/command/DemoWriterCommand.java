package dev.redoubt.demo.command;

import dev.redoubt.demo.show.DemoStore;
import dev.redoubt.demo.show.Setting;
import dev.redoubt.demo.show.Writers;
import dev.redoubt.kv.Store;
import dev.redoubt.recovery.RecoveryListener;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The process that {@code redoubt demo} kills. */
@Command(name = "demo-writer", hidden = true, description = "Started by 'redoubt demo'.")
final class DemoWriterCommand extends BaseCommand {
  @Parameters(index = "0", paramLabel = "DIR", description = "Folder of the store.")
  private Path directory;

  @Option(names = "--cities", required = true)
  private int cities;

  @Option(names = "--threads", required = true)
  private int threads;

  @Option(names = "--seed", required = true)
  private long seed;

  @Option(names = "--hold-large")
  private boolean holdLarge;

  DemoWriterCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    Orphan.exitWithParent(in());
    Setting setting = new Setting(cities, threads, seed);
    try (Store store = DemoStore.open(directory, RecoveryListener.NONE)) {
      new Writers(store, setting.plan(), out()).run(threads, holdLarge);
    }
    return ExitCode.OK;
  }
}
