package dev.redoubt.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
  private final StringWriter text = new StringWriter();

  @Test
  void versionNamesTheProgram() {
    assertEquals(0, run("--version"));
    assertTrue(text.toString().startsWith("redoubt "), text.toString());
  }

  @Test
  void unknownCommandIsRefusedWithTwo() {
    assertEquals(2, run("no-such-command"));
  }

  private int run(String... args) {
    PrintWriter writer = new PrintWriter(text);
    return new CommandLine(new Main()).setOut(writer).setErr(writer).execute(args);
  }
}
