package dev.redoubt.demo.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.output.Terminal;
import dev.redoubt.recovery.RecoveryListener.Phase;
import dev.redoubt.recovery.RecoveryProgress;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestartScreenTest {
  private static final Terminal TERMINAL = new Terminal(true, true, true, 100);

  private static RecoveryProgress progress(Phase phase) {
    Duration second = Duration.ofSeconds(1);
    return new RecoveryProgress(
        phase, 3 << 20, 1 << 20, 9 << 20, 12_345, second, 2 << 20, 12_345, second.multipliedBy(3));
  }

  @Test
  void redoIsMeasuredInLogAndUndoInRecords() {
    StringWriter text = new StringWriter();
    try (RestartScreen screen = new RestartScreen(TERMINAL, new PrintWriter(text))) {
      screen.progress(progress(Phase.REDO));
      String line = text.toString();
      assertTrue(
          line.endsWith("redo     ████░░░░░░░░░░░░  25 %  12,345 records  2.0 MiB/s  3 s left"),
          line);
      screen.progress(progress(Phase.UNDO));
    }
    String line = text.toString();
    assertTrue(line.contains("undo     ████"), line);
    assertTrue(line.contains("12,345 records  12,345/s  3 s left"), line);
    assertTrue(line.endsWith("\r\u001b[K"), "the bar is still there");
  }

  @Test
  void nothingIsDrawnWhereThereIsNoTerminal() {
    StringWriter text = new StringWriter();
    try (RestartScreen screen = new RestartScreen(Terminal.NONE, new PrintWriter(text))) {
      screen.progress(progress(Phase.REDO));
    }
    assertEquals("", text.toString());
  }
}
