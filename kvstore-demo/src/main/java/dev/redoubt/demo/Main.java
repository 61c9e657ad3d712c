package dev.redoubt.demo;

import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. Confined to the thread that runs it. */
@Command(
    name = "redoubt",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "A transactional key-value store.")
final class Main implements Runnable {
  @Spec private CommandSpec spec;

  Main() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is needed");
  }

  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }

  /** The version in the jar's manifest; there is none when run from a class folder. */
  static final class Version implements IVersionProvider {
    Version() {}

    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"redoubt " + Objects.requireNonNullElse(version, "(unpackaged)")};
    }
  }
}
