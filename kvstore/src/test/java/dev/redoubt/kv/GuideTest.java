package dev.redoubt.kv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The code of the guide and of the README is compiled, does what its comments say, and is what the
 * pages show. Layout and comments are the pages' own.
 */
final class GuideTest {
  private static final Pattern REGION =
      Pattern.compile("// region (\\w+)\n(.*?)// end\n", Pattern.DOTALL);
  private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern LEFT_OUT =
      Pattern.compile("// leave\n.*?// enter\n", Pattern.DOTALL);
  private static final Pattern COMMENT = Pattern.compile("//.*");

  private final Path root = root();

  private static Path root() {
    Path path = Path.of("").toAbsolutePath();
    while (!Files.exists(path.resolve("docs/guide.md"))) {
      Path parent = path.getParent();
      if (parent == null) {
        throw new AssertionError("no docs/guide.md above");
      }
      path = parent;
    }
    return path;
  }

  @Test
  void theExamplesDoWhatTheirCommentsSay(@TempDir Path dir) {
    GuideExample example = new GuideExample();
    example.readme(dir.resolve("readme"));
    try (Store store = Store.open(dir.resolve("store"))) {
      example.write(store);
      example.read(store);
      example.ranges(store);
      example.cursors(store);
      example.map(store);
      example.orders(store);
      example.zeroCopy(store);
    }
    List<String> expected = new ArrayList<>();
    expected.add("100");
    expected.addAll(List.of("70", "null", "bob=30", "ann=70", "cid=0"));
    expected.addAll(List.of("ann=70", "bob=30", "[bob=30, ann=70]", "1"));
    expected.addAll(List.of("bob has 30", "bud", "cid", "cid=0"));
    expected.addAll(List.of("{ann=70, bob=30, bud=5}", "dan"));
    expected.add("[8, 7]");
    expected.addAll(List.of("6", "3"));
    assertEquals(expected, example.printed());
  }

  @Test
  void theGuideShowsTheExamplesAndNothingElse() throws IOException {
    Map<String, String> regions = regions();
    Set<String> shown = new HashSet<>();
    List<String> blocks = blocks("docs/guide.md");
    assertFalse(blocks.isEmpty());
    blocks.forEach(each -> assertMadeOf(each, regions, shown));
    shown.add("readme");
    assertEquals(regions.keySet(), shown, "every region is shown");
  }

  @Test
  void theReadmeShowsAnExample() throws IOException {
    String block = blocks("README.md").getFirst();
    assertMadeOf(block, regions(), new HashSet<>());
  }

  /** Regions of all example files of this package. */
  private Map<String, String> regions() throws IOException {
    Map<String, String> regions = new TreeMap<>();
    Path here = root.resolve("kvstore/src/test/java/dev/redoubt/kv");
    try (Stream<Path> files = Files.list(here)) {
      for (Path each : files.filter(f -> f.toString().endsWith("Example.java")).toList()) {
        for (MatchResult found : REGION.matcher(Files.readString(each)).results().toList()) {
          String text = LEFT_OUT.matcher(found.group(2)).replaceAll("");
          assertEquals(null, regions.put(found.group(1), plain(text)), found.group(1));
        }
      }
    }
    return regions;
  }

  private List<String> blocks(String page) throws IOException {
    String text = Files.readString(root.resolve(page));
    return BLOCK.matcher(text).results().map(each -> plain(each.group(1))).toList();
  }

  private static String plain(String code) {
    return COMMENT
        .matcher(code)
        .replaceAll("")
        .replace("Path.of(\"bank\")", "directory") // tests have one of their own
        .replace("System.out.println", "print")
        .replaceAll("\\s+", "");
  }

  private static void assertMadeOf(String block, Map<String, String> regions, Set<String> shown) {
    String rest = block;
    while (!rest.isEmpty()) {
      String left = rest;
      String name =
          regions.entrySet().stream()
              .filter(each -> left.startsWith(each.getValue()))
              .map(Map.Entry::getKey)
              .findFirst()
              .orElse("");
      assertFalse(name.isEmpty(), () -> "no region begins a block with: " + left);
      shown.add(name);
      rest = rest.substring(regions.getOrDefault(name, "").length());
    }
  }
}
