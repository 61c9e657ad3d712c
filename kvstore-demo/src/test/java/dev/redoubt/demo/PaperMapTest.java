package dev.redoubt.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/paper-map.md} names what exists, and names all that cites the paper. */
class PaperMapTest {
  private static final List<String> PACKAGES =
      List.of("recovery", "buffer", "wal", "kv", "kv.btree");
  private static final List<String> MODULES = List.of("wal", "buffer-pool", "recovery", "kvstore");
  private static final Pattern CITES = Pattern.compile("ARIES §|Differences from the paper");
  private static final Pattern NAME = Pattern.compile("`([A-Z]\\w+)((?:\\.\\w+)*)`");

  @Test
  void everyNameOfThePageExists() throws IOException {
    String page = Files.readString(Path.of("../docs/paper-map.md"));
    List<MatchResult> names = NAME.matcher(page).results().toList();
    assertTrue(names.size() > 50, "the page names only " + names.size());
    List<String> missing =
        names.stream()
            .filter(name -> !exists(name.group(1), name.group(2)))
            .map(MatchResult::group)
            .filter(name -> !name.equals("`PaperMapTest`"))
            .toList();
    assertEquals(List.of(), missing);
  }

  @Test
  void everyClassThatCitesThePaperIsOnThePage() throws IOException {
    String page = Files.readString(Path.of("../docs/paper-map.md"));
    List<String> missing = new ArrayList<>();
    int citing = 0;
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
        for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
          String name = file.getFileName().toString().replace(".java", "");
          if (CITES.matcher(Files.readString(file)).find() && !name.equals("package-info")) {
            citing++;
            if (!Pattern.compile("`" + name + "\\b").matcher(page).find()) {
              missing.add(name);
            }
          }
        }
      }
    }
    assertEquals(List.of(), missing);
    assertTrue(citing > 20, "only " + citing + " classes cite the paper");
  }

  private static boolean exists(String type, String rest) {
    Optional<Class<?>> found = find(type);
    for (String part : rest.isEmpty() ? List.<String>of() : parts(rest)) {
      if (found.isEmpty()) {
        return false;
      }
      Class<?> owner = found.orElseThrow();
      if (Character.isUpperCase(part.charAt(0))) {
        found = load(owner.getName() + "$" + part);
      } else {
        return Arrays.stream(owner.getDeclaredMethods())
            .map(Method::getName)
            .anyMatch(part::equals);
      }
    }
    return found.isPresent();
  }

  private static List<String> parts(String rest) {
    return Arrays.asList(rest.substring(1).split("\\.", -1));
  }

  private static Optional<Class<?>> find(String type) {
    return PACKAGES.stream()
        .map(name -> load("dev.redoubt." + name + "." + type))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<Class<?>> load(String name) {
    try {
      return Optional.of(Class.forName(name, false, PaperMapTest.class.getClassLoader()));
    } catch (ClassNotFoundException e) {
      return Optional.empty();
    }
  }
}
