package dev.redoubt.demo.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.command.Program.Result;
import dev.redoubt.demo.inspect.StepView;
import dev.redoubt.kv.Codecs;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.TreeDef;
import dev.redoubt.kv.WriteTx;
import dev.redoubt.recovery.RestartRule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainTest {
  private static final TreeDef<String, String> TREE =
      TreeDef.of("main", Codecs.UTF_8, Codecs.UTF_8);
  private static final Pattern STEP = Pattern.compile("\"step\":\"([a-z-]+)\"");
  private static final Pattern ROW = Pattern.compile("\\| ([a-z-]+) \\|.*\\| (.*) \\|");

  @TempDir private Path folder;

  /** Closed in order; then a winner, a loser and a crash. */
  @BeforeEach
  void crash() {
    assertEquals(0, Program.run("put", folder, "--tree", "main", "a", "1").code());
    Store store = Store.open(folder);
    store.write(tx -> tx.tree(TREE).put("b", "2"));
    WriteTx loser = store.beginWrite();
    loser.tree(TREE).put("c", "3");
    loser.tree(TREE).put("d", "4");
    store.write(tx -> tx.tree(TREE).put("e", "5"));
    store.abandon();
  }

  private Map<String, Integer> hashes() throws IOException {
    Map<String, Integer> hashes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file + " " + Files.getLastModifiedTime(file);
        hashes.put(name, Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return hashes;
  }

  @Test
  void everyStepIsToldAndNotAByteIsWritten() throws IOException {
    Map<String, Integer> before = hashes();
    Result text = Program.run("recover", folder, "--explain");
    assertEquals(0, text.code(), text.err());
    Result json = Program.run("recover", folder, "--explain", "--json");
    assertEquals(0, json.code(), json.err());
    assertEquals(before, hashes());
    for (String part :
        List.of(
            "ANALYSIS from LSN ",
            "REDO from LSN ",
            "UNDO from LSN ",
            "a CLR is written with undoNextLSN none",
            "nothing is left to undo: an end record is written",
            "1 loser, 2 updates to undo",
            "Nothing was written.")) {
      assertTrue(text.out().contains(part), part + " is not in\n" + text.out());
    }
    assertEquals(2, count(json, RestartRule.UNDONE));
    List<String> undone =
        json.lines().stream().filter(line -> line.contains("\"step\":\"undone\"")).toList();
    for (String line : undone) {
      assertTrue(line.matches(".*\"page\":[1-9][0-9]*,.*"), line);
    }
    assertEquals(1, count(json, RestartRule.LOSER_ENDED));
    Result done = Program.run("recover", folder, "--json");
    String redone = "\"redone\":" + count(json, RestartRule.APPLIED) + ",";
    assertTrue(done.out().contains(redone), done.out());
    assertTrue(json.lines().getLast().contains(redone), json.lines().getLast());
  }

  private static long count(Result json, RestartRule rule) {
    String step = "\"step\":\"" + rule.id() + "\"";
    return json.lines().stream().filter(line -> line.contains(step)).count();
  }

  @Test
  void theTraceIsAsItsPageSays() throws IOException {
    Map<String, List<String>> documented = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of("../docs/format-trace.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches() && !row.group(1).equals("step")) {
        documented.put(row.group(1), members(row.group(2)));
      }
    }
    assertEquals(
        Arrays.stream(RestartRule.values()).map(RestartRule::id).sorted().toList(),
        new ArrayList<>(documented.keySet()));
    List<String> lines = Program.run("recover", folder, "--explain", "--json").lines();
    assertEquals("{\"trace\":\"redoubt-restart\",\"version\":1}", lines.getFirst());
    assertEquals(1, StepView.TRACE_VERSION);
    assertTrue(lines.getLast().startsWith("{\"phase\":\"end\",\"report\":{\"clean\":false,"));
    String page = Files.readString(Path.of("../docs/format-trace.md"), StandardCharsets.UTF_8);
    assertTrue(page.contains(lines.getFirst()));
    for (String line : lines.subList(1, lines.size() - 1)) {
      Matcher step = STEP.matcher(line);
      assertTrue(step.find(), line);
      assertEquals(documented.get(step.group(1)), membersOf(line), line);
    }
  }

  private static List<String> members(String cell) {
    return Arrays.stream(cell.replaceAll("\\([^)]*\\)", "").split(",")).map(String::strip).toList();
  }

  /** Names of the members between page and why. */
  private static List<String> membersOf(String line) {
    List<String> names = new ArrayList<>();
    Matcher member = Pattern.compile("\"(\\w+)\":").matcher(line);
    while (member.find()) {
      names.add(member.group(1));
    }
    assertEquals(
        List.of("phase", "step", "lsn", "record", "transaction", "page"), names.subList(0, 6));
    assertEquals("why", names.getLast());
    return names.subList(6, names.size() - 1);
  }
}
