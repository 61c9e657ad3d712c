package dev.redoubt.demo.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
  private static final Terminal TERMINAL = new Terminal(true, true, true, 100);

  private final StringWriter text = new StringWriter();
  private long now = 1;

  private Progress bar() {
    return ProgressBar.on(TERMINAL, new PrintWriter(text), "load", "entries", () -> now);
  }

  @Test
  void showsPartCountRateAndTimeLeft() {
    Progress bar = bar();
    now += TimeUnit.SECONDS.toNanos(10);
    bar.update(0.25, 50_000);
    String line = text.toString();
    assertTrue(line.contains("████░░░░"), line);
    assertTrue(line.contains("25 %  50,000 entries  5,000/s  30 s left"), line);
  }

  @Test
  void withoutTotalShowsCountAndRateOnly() {
    Progress bar = bar();
    now += TimeUnit.SECONDS.toNanos(2);
    bar.update(Progress.UNKNOWN, 100);
    assertTrue(text.toString().endsWith("load     100 entries  50/s"), text.toString());
  }

  @Test
  void isDrawnTenTimesASecondAtMost() {
    Progress bar = bar();
    bar.update(0.1, 1);
    int once = text.toString().length();
    now += TimeUnit.MILLISECONDS.toNanos(99);
    bar.update(0.2, 2);
    assertEquals(once, text.toString().length());
    now += TimeUnit.MILLISECONDS.toNanos(1);
    bar.update(0.3, 3);
    assertTrue(text.toString().length() > once);
  }

  @Test
  void closingErasesTheLineAndOnlyIfThereIsOne() {
    Progress bar = bar();
    bar.close();
    assertEquals("", text.toString());
    bar.update(1, 1);
    bar.close();
    assertTrue(text.toString().endsWith("\r\u001b[K"), text.toString());
  }

  @Test
  void nothingIsDrawnWhereThereIsNoTerminal() {
    PrintWriter writer = new PrintWriter(text);
    assertSame(Progress.NONE, ProgressBar.on(Terminal.NONE, writer, "load", "entries"));
  }

  @Test
  void dumbTerminalsAndNoColorAreHeeded() {
    assertEquals(Terminal.NONE, Terminal.detect(Map.of("TERM", "dumb")));
    assertFalse(Terminal.detect(Map.of("TERM", "xterm", "NO_COLOR", "1")).color());
    assertEquals(132, Terminal.detect(Map.of("TERM", "xterm", "COLUMNS", "132")).columns());
    assertEquals("x", Terminal.NONE.paint(Terminal.Color.RED, "x"));
    assertEquals("\u001b[31mx\u001b[0m", TERMINAL.paint(Terminal.Color.RED, "x"));
  }
}
