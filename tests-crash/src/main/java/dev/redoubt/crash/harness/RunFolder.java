package dev.redoubt.crash.harness;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a run leaves: {@code trace.txt}, {@code history.jsonl}, {@code store}. Thread-safe. */
final class RunFolder implements AutoCloseable {
  private final Path path;
  private final PrintWriter trace;
  private final long began = System.nanoTime();

  private RunFolder(Path path, PrintWriter trace) {
    this.path = path;
    this.trace = trace;
  }

  static RunFolder create(Path path, HarnessOptions options) throws IOException {
    Files.createDirectories(path);
    PrintWriter trace =
        new PrintWriter(
            Files.newBufferedWriter(path.resolve("trace.txt"), StandardCharsets.UTF_8), true);
    trace.println(options);
    return new RunFolder(path, trace);
  }

  Path path() {
    return path;
  }

  Path history() {
    return path.resolve("history.jsonl");
  }

  void trace(String what) {
    long millis = (System.nanoTime() - began) / 1_000_000;
    trace.println(millis + " ms  " + what);
  }

  void conclude(HarnessReport report) {
    trace.println(report);
  }

  /** Copies the files of a store, which nobody has open. */
  void keepStore(Path store) {
    Path copy = path.resolve("store");
    if (!Files.isDirectory(store) || store.equals(copy)) {
      return;
    }
    try (Stream<Path> files = Files.list(store)) {
      Files.createDirectories(copy);
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the store could not be kept", e);
    }
  }

  @Override
  public void close() {
    trace.close();
  }
}
