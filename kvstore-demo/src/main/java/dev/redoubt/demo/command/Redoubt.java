package dev.redoubt.demo.command;

import dev.redoubt.demo.output.Terminal;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the command line. Confined to the thread that runs it. */
@Command(
    name = "redoubt",
    mixinStandardHelpOptions = true,
    versionProvider = Redoubt.Version.class,
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    header = "An embedded transactional key-value store with ARIES recovery.",
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Start with 'redoubt demo'. 'redoubt help COMMAND' explains a command.",
      "'redoubt crash' looks for crashes that lose something, from the source tree.",
      "Keys and values are UTF-8 text. Every command takes --json.",
      "Exit codes: 0 done; 1 key not found or verify found problems;",
      "2 bad arguments or input; 3 the store or the disk failed."
    },
    subcommands = {
      DemoCommand.class,
      LoadCommand.class,
      GetCommand.class,
      PutCommand.class,
      DeleteCommand.class,
      ScanCommand.class,
      CountCommand.class,
      StatsCommand.class,
      VerifyCommand.class,
      CheckpointCommand.class,
      RecoverCommand.class,
      SalvageCommand.class,
      ServeCommand.class,
      PreparedCommand.class,
      DecideCommand.class,
      GiveUpCommand.class,
      WalCommand.class,
      PageCommand.class,
      CommandLine.HelpCommand.class,
      DemoWriterCommand.class,
      DemoRestartCommand.class
    })
public final class Redoubt implements Runnable {
  private final Terminal terminal;
  private final InputStream in;

  @Spec private CommandSpec spec;

  private Redoubt(Terminal terminal, InputStream in) {
    this.terminal = terminal;
    this.in = in;
  }

  /**
   * The whole command line, ready to be executed; {@code execute} returns the exit code and throws
   * nothing but errors of the JVM.
   *
   * @param in standard input
   * @param out standard output; flushed at the end of each command
   * @param err standard error
   */
  public static CommandLine commandLine(
      Terminal terminal, InputStream in, PrintWriter out, PrintWriter err) {
    return commandLine(terminal, in, out, err, List.of());
  }

  /** The same with more commands, from modules above this one. */
  public static CommandLine commandLine(
      Terminal terminal,
      InputStream in,
      PrintWriter out,
      PrintWriter err,
      List<? extends BaseCommand> more) {
    CommandLine line = new CommandLine(new Redoubt(terminal, in));
    more.forEach(line::addSubcommand); // first: the settings below are handed down
    line.setOut(out).setErr(err);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler((e, args) -> refuse(e, wantsJson(args)));
    line.setExecutionExceptionHandler(
        (e, command, result) -> {
          command.getOut().flush();
          Failure failure = Failure.of(e);
          failure.print(command.getErr(), wantsJson(result.originalArgs().toArray(String[]::new)));
          if (failure.code().equals("internal")) {
            e.printStackTrace(command.getErr());
            command.getErr().flush();
          }
          return failure.exitCode();
        });
    return line;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is needed");
  }

  Terminal terminal() {
    return terminal;
  }

  InputStream in() {
    return in;
  }

  private static boolean wantsJson(String[] args) {
    return Arrays.asList(args).contains("--json");
  }

  private static int refuse(ParameterException e, boolean json) {
    CommandLine command = e.getCommandLine();
    String message = Objects.requireNonNullElse(e.getMessage(), "bad arguments");
    String help = "; see '" + command.getCommandSpec().qualifiedName() + " --help'";
    new Failure("usage", message + help, ExitCode.USAGE).print(command.getErr(), json);
    return ExitCode.USAGE;
  }

  /** The version in the jar's manifest; there is none when run from a class folder. */
  static final class Version implements IVersionProvider {
    Version() {}

    @Override
    public String[] getVersion() {
      String version = Redoubt.class.getPackage().getImplementationVersion();
      return new String[] {"redoubt " + Objects.requireNonNullElse(version, "(unpackaged)")};
    }
  }
}
