package dev.redoubt.demo.show;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A second JVM that runs a hidden command of this program and is killed. Used by one thread. */
final class Child implements AutoCloseable {
  private static final String MAIN = "dev.redoubt.demo.Main";

  private final Process process;
  private final Thread reader;
  private final Path errors;

  private Child(Process process, Thread reader, Path errors) {
    this.process = process;
    this.reader = reader;
    this.errors = errors;
  }

  /**
   * Starts it; what it announces goes into {@code tally}.
   *
   * @param errors file for its standard error
   */
  static Child start(List<String> arguments, Tally tally, Path errors) {
    tally.newChild();
    List<String> command = new ArrayList<>(java());
    command.addAll(arguments);
    try {
      Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      Thread reader =
          Thread.ofPlatform().daemon().name("announcements").start(() -> read(process, tally));
      return new Child(process, reader, errors);
    } catch (IOException e) {
      throw new UncheckedIOException("a second JVM cannot be started: " + command, e);
    }
  }

  /** The Java and the classes that this JVM runs on. */
  private static List<String> java() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
    return command;
  }

  private static void read(Process process, Tally tally) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Announcement announcement = Announcement.parse(line);
        if (announcement != null) {
          tally.add(announcement);
        }
      }
    } catch (IOException e) {
      // The pipe breaks with the kill; what it held has been read.
    } finally {
      tally.ended();
    }
  }

  /** SIGKILL: no handler runs, nothing is flushed. Returns when it is gone and all is read. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    awaitEnd();
  }

  /** Waits for its own end; returns the exit code. */
  int awaitEnd() throws InterruptedException {
    int code = process.waitFor();
    reader.join();
    return code;
  }

  /** What it wrote to its standard error, for the message when it failed. */
  String errors() {
    try {
      List<String> lines = Files.readAllLines(errors);
      return String.join("\n", lines.subList(0, Math.min(lines.size(), 20)));
    } catch (IOException e) {
      return "(its standard error cannot be read: " + e.getMessage() + ")";
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
