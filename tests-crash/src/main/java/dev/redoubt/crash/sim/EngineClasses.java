package dev.redoubt.crash.sim;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Initialises all classes of an engine, and of those who call it, before the first simulation: an
 * initialiser that ran in the middle of one would hold up other threads outside the scheduler's
 * sight, and pass yield points that only the first run of a JVM has.
 */
final class EngineClasses {
  private static final String SUFFIX = ".class";

  private EngineClasses() {}

  static void initialize(List<String> prefixes) throws IOException {
    ClassLoader loader = EngineClasses.class.getClassLoader();
    for (String prefix : prefixes) {
      TreeSet<String> names = new TreeSet<>();
      String folder = prefix.substring(0, prefix.lastIndexOf('.')).replace('.', '/');
      for (URL place : java.util.Collections.list(loader.getResources(folder))) {
        collect(place, folder, names);
      }
      for (String name : names) {
        initialize(name, loader);
      }
    }
  }

  private static void initialize(String name, ClassLoader loader) {
    try {
      Class.forName(name, true, loader);
    } catch (ClassNotFoundException | LinkageError e) {
      // Needs a library that is not here: then nothing simulated can use it either.
      System.getLogger(EngineClasses.class.getName())
          .log(System.Logger.Level.DEBUG, "not initialised: {0}: {1}", name, e);
    }
  }

  private static void collect(URL place, String folder, Set<String> names) throws IOException {
    if (place.openConnection() instanceof JarURLConnection jar) {
      jar.getJarFile().stream()
          .map(java.util.zip.ZipEntry::getName)
          .filter(name -> name.startsWith(folder + "/") && name.endsWith(SUFFIX))
          .forEach(name -> names.add(className(name)));
      return;
    }
    Path root = Path.of(URI.create(place.toString()));
    try (Stream<Path> files = Files.walk(root)) {
      files
          .filter(file -> file.toString().endsWith(SUFFIX))
          .map(file -> folder + "/" + root.relativize(file).toString().replace('\\', '/'))
          .filter(name -> !name.endsWith("module-info.class"))
          .forEach(name -> names.add(className(name)));
    }
  }

  private static String className(String entry) {
    return entry.substring(0, entry.length() - SUFFIX.length()).replace('/', '.');
  }
}
