package dev.redoubt.demo.output;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What stands behind standard output and standard error.
 *
 * @param out whether standard output is a terminal
 * @param err whether standard error is a terminal: only then are bars drawn, and always there
 * @param color whether colours may be used on terminals
 * @param columns characters in a line
 */
public record Terminal(boolean out, boolean err, boolean color, int columns) {
  /** No terminal at all: files, pipes, tests. */
  public static final Terminal NONE = new Terminal(false, false, false, 80);

  private static final Path PROC = Path.of("/proc/self/fd");

  /** Looks at this process. {@code NO_COLOR} and {@code TERM=dumb} are heeded. */
  public static Terminal detect(Map<String, String> environment) {
    String kind = environment.getOrDefault("TERM", "dumb");
    if (kind.equals("dumb")) {
      return NONE;
    }
    boolean color = environment.getOrDefault("NO_COLOR", "").isEmpty();
    return new Terminal(
        isTerminal(1), isTerminal(2), color, columns(environment.getOrDefault("COLUMNS", "")));
  }

  /** {@code text} in the colour, if standard output takes colours. */
  public String paint(Color wanted, String text) {
    return out && color ? wanted.start + text + "\u001b[0m" : text;
  }

  private static int columns(String text) {
    try {
      return Math.clamp(Integer.parseInt(text), 40, 500);
    } catch (NumberFormatException e) {
      return 80;
    }
  }

  // Java's Console speaks of standard input and output together, so Linux is asked itself.
  private static boolean isTerminal(int descriptor) {
    if (!Files.isDirectory(PROC)) {
      return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    }
    try {
      String target = Files.readSymbolicLink(PROC.resolve(Integer.toString(descriptor))).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException e) {
      return false;
    }
  }

  /** The few colours that are used. */
  public enum Color {
    BOLD("1"),
    GREEN("32"),
    RED("31"),
    YELLOW("33"),
    DIM("2");

    private final String start;

    Color(String code) {
      start = "\u001b[" + code + "m";
    }
  }
}
