package dev.redoubt.crash.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a server wrote to its standard error. */
public final class ServerLog {
  private static final int LINES = 12;

  private ServerLog() {}

  /** The last lines, for a message. */
  public static String tail(Path log) {
    try {
      List<String> lines = Files.readAllLines(log);
      return ":\n"
          + String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
    } catch (IOException e) {
      return "; its standard error cannot be read: " + e;
    }
  }
}
