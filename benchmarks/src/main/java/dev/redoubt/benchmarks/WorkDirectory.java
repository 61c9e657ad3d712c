package dev.redoubt.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Where the stores of one run lie. What was made inside is deleted at the end. */
final class WorkDirectory implements AutoCloseable {
  private final Path path;
  private final boolean temporary;

  WorkDirectory(Path path, boolean temporary) {
    this.path = path;
    this.temporary = temporary;
  }

  /** A new, empty directory of the given name. */
  Path fresh(String name) throws IOException {
    Path dir = path.resolve(name);
    delete(dir);
    return Files.createDirectories(dir);
  }

  static void delete(Path dir) throws IOException {
    if (!Files.exists(dir)) {
      return;
    }
    List<Path> found;
    try (Stream<Path> walk = Files.walk(dir)) {
      found = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : found) {
      Files.delete(each);
    }
  }

  static long bytes(Path dir) throws IOException {
    long sum = 0;
    try (Stream<Path> walk = Files.walk(dir)) {
      for (Path each : walk.filter(Files::isRegularFile).toList()) {
        sum += Files.size(each);
      }
    }
    return sum;
  }

  @Override
  public void close() throws IOException {
    if (temporary) {
      delete(path);
    }
  }
}
