package dev.redoubt.demo.command;

import dev.redoubt.demo.output.Terminal;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Runs commands in this process and keeps what they print. */
final class Program {
  /** What a run gave. */
  record Result(int code, String out, String err) {
    List<String> lines() {
      return out.lines().toList();
    }
  }

  private Program() {}

  static Result run(Object... args) {
    return runWithInput(new byte[0], args);
  }

  static Result runWithInput(byte[] input, Object... args) {
    return run(Terminal.NONE, input, args);
  }

  static Result run(Terminal terminal, byte[] input, Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] texts = Arrays.stream(args).map(Program::text).toArray(String[]::new);
    int code =
        Redoubt.commandLine(
                terminal,
                new ByteArrayInputStream(input),
                new PrintWriter(out),
                new PrintWriter(err))
            .execute(texts);
    return new Result(code, out.toString(), err.toString());
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Object argument) {
    return argument instanceof Path path ? path.toString() : String.valueOf(argument);
  }
}
