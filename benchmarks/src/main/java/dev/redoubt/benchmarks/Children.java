package dev.redoubt.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a class of this program in a process of its own, waits for one line and kills it. */
final class Children {
  private Children() {}

  /**
   * Runs {@code main} until it prints its first line; then it is killed, wherever it stands.
   *
   * @return that line
   */
  static String untilFirstLine(Class<?> main, List<String> args)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx2g",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(args);
    Process child =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
      String line = lines.readLine();
      if (line == null) {
        throw new IOException("the child ended early, with exit code " + child.waitFor());
      }
      return line;
    } finally {
      child.destroyForcibly().waitFor();
    }
  }
}
