package dev.redoubt.demo.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code redoubt wal}: the commands on the log. */
@Command(
    name = "wal",
    header = "Look into the log: wal dump.",
    synopsisSubcommandLabel = "COMMAND",
    description = "Look into the log: dump.",
    subcommands = {WalDumpCommand.class})
final class WalCommand extends BaseCommand {
  @Spec private CommandSpec own;

  WalCommand() {}

  @Override
  public Integer call() {
    throw new ParameterException(own.commandLine(), "a command is needed, such as 'wal dump'");
  }
}
