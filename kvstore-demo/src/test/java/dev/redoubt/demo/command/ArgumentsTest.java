package dev.redoubt.demo.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.command.Program.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {
  private static final String[] COMMANDS = {
    "demo",
    "load",
    "get",
    "put",
    "delete",
    "scan",
    "count",
    "stats",
    "verify",
    "checkpoint",
    "recover",
    "wal",
    "page",
    "salvage",
    "give-up",
    "prepared",
    "decide",
    "serve"
  };

  @TempDir private Path folder;

  @Test
  void versionNamesTheProgram() {
    Result result = Program.run("--version");
    assertEquals(0, result.code());
    assertTrue(result.out().startsWith("redoubt "), result.out());
  }

  @Test
  void helpListsEveryCommandOnALineOfItsOwn() {
    Result result = Program.run("help");
    assertEquals(0, result.code());
    for (String command : COMMANDS) {
      long lines = result.lines().stream().filter(l -> l.startsWith("  " + command + " ")).count();
      assertEquals(1, lines, command);
    }
    assertTrue(result.lines().stream().noneMatch(line -> line.contains("demo-writer")));
    assertTrue(result.lines().stream().allMatch(line -> line.length() <= 80));
  }

  @Test
  void aFileInPlaceOfTheFolderIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "no store");
    for (String[] command :
        new String[][] {{"put", file.toString(), "a", "b"}, {"get", file.toString(), "a"}}) {
      Result result = Program.run((Object[]) command);
      assertEquals(3, result.code());
      assertTrue(
          result.err().startsWith("redoubt: " + file + " is not a directory; "), result.err());
    }
    assertEquals("no store", Files.readString(file));
  }

  @Test
  void helpOfEveryCommandNamesTheExitCodesAndJson() {
    for (String command : COMMANDS) {
      Result result = Program.run(command, "--help");
      assertEquals(0, result.code(), command);
      assertTrue(result.out().contains("Exit codes:"), command);
      assertTrue(result.out().contains("--json"), command);
    }
  }

  @Test
  void mistakesAreOneLineAndExitWithTwo() {
    for (List<String> args :
        List.of(
            List.<String>of(),
            List.of("no-such-command"),
            List.of("get"),
            List.of("get", "dir", "key", "extra"),
            List.of("scan", "dir", "--limit", "many"),
            List.of("wal"),
            List.of("wal", "dump"),
            List.of("load", "dir", "file", "--batch", "0"),
            List.of("load", "dir", "file", "--threads", "0"))) {
      Result result = Program.run(args.toArray());
      assertEquals(2, result.code(), args.toString());
      assertEquals("", result.out());
      assertEquals(1, result.err().lines().count(), result.err());
      assertTrue(result.err().startsWith("redoubt: "), result.err());
    }
  }

  @Test
  void mistakesAreJsonWhenJsonWasAskedFor() {
    Result result = Program.run("get", "--json");
    assertEquals(2, result.code());
    assertTrue(result.err().startsWith("{\"error\":{\"code\":\"usage\","), result.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "get DIR k",
        "delete DIR k",
        "scan DIR",
        "count DIR",
        "stats DIR",
        "verify DIR",
        "checkpoint DIR",
        "recover DIR",
        "recover DIR --dry-run",
        "wal dump DIR",
        "page DIR 1"
      })
  void nothingButPutAndLoadCreatesAStore(String line) {
    Path missing = folder.resolve("missing");
    Path empty = folder.resolve("empty");
    assertTrue(empty.toFile().mkdir());
    for (Path directory : List.of(missing, empty)) {
      Result result = Program.run((Object[]) arguments(line, directory));
      assertEquals(3, result.code(), result.err());
      assertEquals("", result.out());
      assertTrue(result.err().startsWith("redoubt: "), result.err());
      assertTrue(result.err().contains(directory.toString()), result.err());
      Result json = Program.run((Object[]) arguments(line + " --json", directory));
      assertTrue(json.err().contains("\"code\":\"not-a-store\""), json.err());
    }
    assertEquals(0, empty.toFile().list().length);
    assertTrue(Files.notExists(missing));
  }

  private static String[] arguments(String line, Path directory) {
    return line.replace("DIR", directory.toString()).split(" ");
  }
}
