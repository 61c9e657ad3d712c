package dev.redoubt.demo.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code redoubt wal}: the commands on the log. */
@Command(
    name = "wal",
    header = "Look into the log: wal ls, stats, dump, chain, follow.",
    synopsisSubcommandLabel = "COMMAND",
    description = "Look into the log.",
    subcommands = {
      WalListCommand.class,
      WalStatsCommand.class,
      WalDumpCommand.class,
      WalChainCommand.class,
      WalFollowCommand.class
    })
final class WalCommand extends BaseCommand {
  @Spec private CommandSpec own;

  WalCommand() {}

  @Override
  public Integer call() {
    throw new ParameterException(own.commandLine(), "a command is needed, such as 'wal dump'");
  }
}
