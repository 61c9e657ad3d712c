package dev.redoubt.demo.command;

import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Terminal;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command has: help, {@code --json}, the two outputs. Confined to one thread. */
@Command(
    sortOptions = false,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:done",
      "1:key not found; verify found problems",
      "2:bad arguments or input",
      "3:the store or the disk failed"
    })
public abstract class BaseCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--json",
      order = 98,
      description =
          "Write JSON; an error, and each line of the engine's log, is a JSON object on standard"
              + " error.")
  private boolean json;

  @Option(
      names = {"-h", "--help"},
      order = 99,
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli looks at the option, not at the field
  private boolean help;

  /** For commands. */
  protected BaseCommand() {}

  /** Whether JSON is wanted. */
  protected final boolean json() {
    return json;
  }

  /** Standard output. */
  protected final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Standard error. */
  protected final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** What stands behind both. */
  protected final Terminal terminal() {
    return root().terminal();
  }

  /** Standard input. */
  protected final InputStream in() {
    return root().in();
  }

  /** One JSON object or, for people, the text. */
  protected final void print(Object jsonValue, String text) {
    if (json) {
      out().println(Json.of(jsonValue));
    } else {
      out().print(text.endsWith("\n") || text.isEmpty() ? text : text + "\n");
    }
    out().flush();
  }

  /** A line on standard error, {@code redoubt: ...}; nothing with {@code --json}. */
  protected final void note(String text) {
    if (!json) {
      err().println("redoubt: " + text);
      err().flush();
    }
  }

  final String option(@Nullable String value, String whenMissing) {
    return value == null ? whenMissing : value;
  }

  private Redoubt root() {
    return (Redoubt) spec.root().userObject();
  }
}
