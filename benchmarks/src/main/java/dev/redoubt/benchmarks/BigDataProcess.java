package dev.redoubt.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A {@link BigDataChild}, in a control group that bounds its memory if one can be made. */
final class BigDataProcess implements AutoCloseable {
  private static final long WARMING_BYTES = 96L << 20;

  private final String name;
  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter commands;
  private final @Nullable MemoryGroup group;
  private final long boundBytes;

  private BigDataProcess(
      String name, Process process, @Nullable MemoryGroup group, long boundBytes) {
    this.name = name;
    this.process = process;
    this.group = group;
    this.boundBytes = boundBytes;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.commands = process.outputWriter(StandardCharsets.UTF_8);
  }

  /**
   * Starts it; it loads at once.
   *
   * @param bound of the operating system's cache for it, in force from the first {@link #ask}
   */
  static BigDataProcess start(Peers peer, int heapMiB, long bound, List<String> arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-Xms" + heapMiB + "m",
                "-Xmx" + heapMiB + "m",
                "-XX:+AlwaysPreTouch",
                "-cp",
                System.getProperty("java.class.path"),
                BigDataChild.class.getName()));
    command.addAll(arguments);
    MemoryGroup group =
        MemoryGroup.make("redoubt-" + ProcessHandle.current().pid() + "-" + peer.label());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BigDataProcess started = new BigDataProcess(peer.label(), process, group, bound);
    if (group != null) {
      group.add(process.pid());
    }
    started.write("go");
    return started;
  }

  boolean isBounded() {
    return group != null;
  }

  /** One line of its output. */
  String read() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the process of " + name + " has ended, with exit code " + exitCode());
    }
    return line;
  }

  /**
   * Sets the bound by what it holds now, has it do something, and returns its answer.
   *
   * @param warming whether it may still grow: code is compiled, caches fill
   */
  String ask(String command, boolean warming) throws IOException {
    if (group != null) {
      group.limit(group.ownBytes() + boundBytes + (warming ? WARMING_BYTES : 0));
    }
    write(command);
    return read();
  }

  private int exitCode() {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  private void write(String line) throws IOException {
    commands.write(line);
    commands.newLine();
    commands.flush();
  }

  /** What it holds and what the operating system's cache holds for it, in MiB. */
  String memory() throws IOException {
    MemoryGroup bounded = group;
    return bounded == null
        ? "unknown"
        : String.format(
            Locale.ROOT, "%d / %d", bounded.ownBytes() >> 20, bounded.cacheBytes() >> 20);
  }

  @Override
  public void close() {
    try {
      process.destroyForcibly().waitFor();
      if (group != null) {
        group.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
