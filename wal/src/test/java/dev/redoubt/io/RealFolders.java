package dev.redoubt.io;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Folders of the operating system that are gone when the tests are over. */
public final class RealFolders {
  private static final int MAX_ATTEMPTS = 1000;
  private static final Path MEMORY = Path.of("/dev/shm");

  private RealFolders() {}

  /** A new one, in memory where there is such a place: a crash is a copy, nothing must last. */
  public static Path make() {
    try {
      Path made =
          Files.isWritable(MEMORY)
              ? Files.createTempDirectory(MEMORY, "redoubt-pages")
              : Files.createTempDirectory("redoubt-pages");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(made)));
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A new folder with copies of all files as they are now. Others may write meanwhile, as a library
   * with threads of its own does: it is begun again until no name and no length has changed.
   */
  public static Path copy(Path folder) {
    try {
      for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        Map<Path, Long> before = lengths(folder);
        Path copy = make();
        if (copied(before.keySet(), folder, copy) && lengths(folder).equals(before)) {
          return copy;
        }
        delete(copy);
      }
      throw new IllegalStateException(folder + " changes all the time");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** False if a file went away. */
  private static boolean copied(Iterable<Path> all, Path folder, Path copy) throws IOException {
    try {
      for (Path each : all) {
        Path target = copy.resolve(folder.relativize(each).toString());
        if (Files.isDirectory(each)) {
          Files.createDirectories(target);
        } else {
          Files.copy(each, target);
        }
      }
      return true;
    } catch (NoSuchFileException gone) {
      return false;
    }
  }

  private static Map<Path, Long> lengths(Path folder) throws IOException {
    Map<Path, Long> lengths = new TreeMap<>();
    for (Path each : below(folder)) {
      File file = each.toFile();
      lengths.put(each, file.isDirectory() ? 0 : file.length());
    }
    return lengths;
  }

  private static List<Path> below(Path folder) throws IOException {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      try (Stream<Path> all = Files.walk(folder)) {
        return all.filter(each -> !each.equals(folder)).sorted().toList();
      } catch (UncheckedIOException gone) {
        if (!(gone.getCause() instanceof NoSuchFileException)) {
          throw gone;
        }
      }
    }
    throw new IllegalStateException(folder + " changes all the time");
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
