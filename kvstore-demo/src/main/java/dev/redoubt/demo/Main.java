package dev.redoubt.demo;

import dev.redoubt.demo.command.BaseCommand;
import dev.redoubt.demo.command.Redoubt;
import dev.redoubt.demo.output.LogLines;
import dev.redoubt.demo.output.Terminal;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Where the program {@code redoubt} starts. */
public final class Main {
  private static final int FAILED = 3;

  private Main() {}

  /** Runs one command and exits with its code. Output is UTF-8 whatever the locale. */
  public static void main(String[] args) {
    run(args, List.of());
  }

  /** The same with more commands, from modules above this one. */
  public static void run(String[] args, List<? extends BaseCommand> more) {
    PrintWriter out = writer(FileDescriptor.out);
    PrintWriter err = writer(FileDescriptor.err);
    int code;
    LogLines.install(List.of(args).contains("--json"));
    try {
      Terminal terminal = Terminal.detect(System.getenv());
      code = Redoubt.commandLine(terminal, System.in, out, err, more).execute(args);
    } catch (Throwable e) {
      // Errors of the JVM and broken invariants come through picocli: 1 would mean "not found".
      e.printStackTrace(err);
      code = FAILED;
    }
    err.flush();
    if (out.checkError() && code == 0) {
      // Standard output was closed or its disk is full: not everything was written.
      code = FAILED;
    }
    System.exit(code);
  }

  private static PrintWriter writer(FileDescriptor descriptor) {
    return new PrintWriter(
        new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), false);
  }
}
