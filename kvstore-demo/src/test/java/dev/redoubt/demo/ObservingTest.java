package dev.redoubt.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/observing.md} lists every event of the flight recorder, with its fields. */
class ObservingTest {
  private static final Pattern NAME = Pattern.compile("@Name\\(\"(dev\\.redoubt\\.\\w+)\"\\)");
  private static final Pattern FIELD = Pattern.compile("\\n  (?:long|int|boolean|String) (\\w+)");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `(dev\\.redoubt\\.\\w+)` \\|.*$");

  @Test
  void everyEventIsListedWithItsFields() throws IOException {
    String page = Files.readString(Path.of("../docs/observing.md"));
    TreeSet<String> listed = new TreeSet<>();
    TreeSet<String> found = new TreeSet<>();
    ROW.matcher(page).results().map(row -> row.group(1)).forEach(listed::add);
    for (String source : sources()) {
      for (MatchResult name : NAME.matcher(source).results().toList()) {
        found.add(name.group(1));
        String row = row(page, name.group(1));
        for (MatchResult field : FIELD.matcher(source).results().toList()) {
          assertTrue(row.contains(field.group(1)), name.group(1) + ": " + field.group(1));
        }
      }
    }
    assertEquals(found, listed);
    assertTrue(found.size() >= 15, found::toString);
  }

  private static String row(String page, String event) {
    return ROW.matcher(page)
        .results()
        .filter(row -> row.group(1).equals(event))
        .map(MatchResult::group)
        .findFirst()
        .orElse("");
  }

  private static List<String> sources() throws IOException {
    List<String> sources = new ArrayList<>();
    for (String module : List.of("wal", "buffer-pool", "recovery", "kvstore")) {
      try (Stream<Path> all = Files.walk(Path.of("..", module, "src", "main", "java"))) {
        all.filter(file -> file.toString().endsWith("Event.java"))
            .map(ObservingTest::read)
            .forEach(sources::add);
      }
    }
    return sources;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
