package dev.redoubt.demo.command;

import dev.redoubt.demo.show.StoppingRestart;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The restart that {@code redoubt demo} kills. */
@Command(name = "demo-restart", hidden = true, description = "Started by 'redoubt demo'.")
final class DemoRestartCommand extends BaseCommand {
  @Parameters(index = "0", paramLabel = "DIR", description = "Folder of the store.")
  private Path directory;

  @Option(names = "--stop-after", required = true)
  private long stopAfter;

  DemoRestartCommand() {}

  @Override
  public Integer call() {
    Orphan.exitWithParent(in());
    new StoppingRestart(out(), stopAfter).open(directory);
    return ExitCode.OK;
  }
}
