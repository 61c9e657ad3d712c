package dev.redoubt.crash.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.command.Redoubt;
import dev.redoubt.demo.output.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrashCommandTest {
  private record Result(int code, String out, String err) {}

  @TempDir private Path folder;

  private static Result run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Redoubt.commandLine(
                Terminal.NONE,
                InputStream.nullInputStream(),
                new PrintWriter(out),
                new PrintWriter(err),
                List.of(new CrashCommand()))
            .execute(args);
    return new Result(code, out.toString(), err.toString());
  }

  private String found() {
    return folder.resolve("found").toString();
  }

  @Test
  void saysThatNothingIsWrongAndLeavesNoFolder() {
    Result result = run("crash", "--minutes", "0.02", "--seed", "1", "--dir", found());
    assertEquals(0, result.code(), result.err());
    assertTrue(result.out().contains("Nothing wrong, seed 1"), result.out());
    assertTrue(Files.notExists(folder.resolve("found")));
  }

  @Test
  void findsAPlantedMistakeAndLeavesTheLineThatReplaysItWithHistoryAndStore() throws IOException {
    Result result =
        run("crash", "--seed", "1", "--plant", "LOG_NOT_FORCED", "--json", "--dir", found());
    assertEquals(1, result.code(), result.err());
    assertEquals("", result.err());
    assertTrue(result.out().startsWith("{\"backend\":\"sim\",\"seed\":1,\"ok\":false"));
    String trace = Files.readString(folder.resolve("found").resolve("trace.txt"));
    assertTrue(trace.contains("replay with: workload="), trace);
    assertTrue(trace.contains("sectors of "), trace);
    assertTrue(Files.size(folder.resolve("found").resolve("history.txt")) > 0);
    assertTrue(Files.exists(folder.resolve("found").resolve("store").resolve("master")));
  }

  @Test
  void findsAPlantedMistakeOfAServerAndLeavesItsHistoryAndStore() throws IOException {
    Result result =
        run(
            "crash",
            "--backend",
            "process",
            "--minutes",
            "0.1",
            "--seed",
            "3", // begins with kills
            "--workload",
            "list-append",
            "--plant",
            "ACKNOWLEDGED_EARLY",
            "--dir",
            found());
    assertEquals(1, result.code(), result.err());
    assertTrue(result.out().contains("WRONG: all of it is in"), result.out());
    Path run = folder.resolve("found").resolve("000-list-append");
    assertTrue(Files.readString(run.resolve("trace.txt")).contains("KILL"));
    assertTrue(Files.size(run.resolve("history.jsonl")) > 0);
    assertTrue(Files.isDirectory(run.resolve("store")));
    assertTrue(Files.exists(run.resolve("server.log")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--minutes=0",
        "--minutes=x",
        "--backend=moon",
        "--workload=none",
        "--pages=rocksdb"
      })
  void refusesWhatMakesNoSense(String option) {
    Result result = run("crash", option);
    assertEquals(2, result.code(), result.out());
    assertTrue(result.err().startsWith("redoubt: "), result.err());
  }

  @Test
  void helpListsTheCommand() {
    assertTrue(run("help").out().contains("crash"));
    assertTrue(run("crash", "--help").out().contains("Exit codes:"));
  }
}
