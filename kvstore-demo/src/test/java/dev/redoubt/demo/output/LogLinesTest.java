package dev.redoubt.demo.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.io.CorruptionException;
import org.junit.jupiter.api.Test;

class LogLinesTest {
  @Test
  void damageIsALineAndAnErrorOfTheProgramHasItsStackTrace() {
    CorruptionException damage = new CorruptionException("page 7 is damaged");
    assertEquals(
        "redoubt: page 7 is damaged" + System.lineSeparator(),
        LogLines.text("page 7 is damaged", damage));
    String error = LogLines.text("undo fails", new IllegalStateException("why"));
    assertTrue(error.startsWith("redoubt: undo fails"), error);
    assertTrue(error.contains("IllegalStateException: why"), error);
    assertTrue(error.contains("\tat "), error);
  }

  @Test
  void withJsonEachIsAnObjectOnALineOfItsOwn() {
    CorruptionException damage = new CorruptionException("page 7 is damaged");
    assertEquals(
        "{\"log\":{\"level\":\"WARNING\",\"message\":\"page 7 \\\"is\\\" damaged\"}}"
            + System.lineSeparator(),
        LogLines.json("WARNING", "page 7 \"is\" damaged", damage));
    String error = LogLines.json("SEVERE", "undo fails", new IllegalStateException("why"));
    assertEquals(1, error.lines().count(), error);
    assertTrue(error.contains("\"stackTrace\":\"java.lang.IllegalStateException: why"), error);
  }
}
