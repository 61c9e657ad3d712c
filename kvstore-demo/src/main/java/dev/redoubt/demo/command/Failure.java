package dev.redoubt.demo.command;

import dev.redoubt.demo.load.LoadException;
import dev.redoubt.demo.output.InputException;
import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Text;
import dev.redoubt.io.StorageException;
import dev.redoubt.kv.TooLargeException;
import java.io.PrintWriter;
import java.util.Objects;

/**
 * What a person or a program is told of an exception.
 *
 * @param code short and stable, in kebab case; that of the exception where it has one
 * @param message one line: what was wrong and what to do
 * @param exitCode of the program
 */
record Failure(String code, String message, int exitCode) {
  Failure {
    message = message.lines().map(String::strip).reduce((a, b) -> a + " " + b).orElse(code);
  }

  static Failure of(Throwable thrown) {
    return switch (thrown) {
      case LoadException e -> of(Objects.requireNonNull(e.getCause())).after(e.durableLines());
      case InputException e -> new Failure(e.code(), text(e), ExitCode.USAGE);
      case TooLargeException e -> new Failure(e.code(), text(e), ExitCode.USAGE);
      case StorageException e -> new Failure(e.code(), text(e), ExitCode.FAILED);
      case IllegalArgumentException e -> new Failure("usage", text(e), ExitCode.USAGE);
      default -> new Failure("internal", "internal error: " + thrown, ExitCode.FAILED);
    };
  }

  private Failure after(long durableLines) {
    String kept =
        durableLines == 0
            ? "no line of the input is known to be durable"
            : "lines 1 to " + Text.count(durableLines) + " are durable";
    return new Failure(code, message + "; " + kept, exitCode);
  }

  /** Prints it on one line. */
  void print(PrintWriter err, boolean json) {
    err.println(
        json
            ? Json.of(Json.object("error", Json.object("code", code, "message", message)))
            : "redoubt: " + message);
    err.flush();
  }

  private static String text(RuntimeException e) {
    return Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
  }
}
