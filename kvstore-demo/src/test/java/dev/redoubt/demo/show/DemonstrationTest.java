package dev.redoubt.demo.show;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.demo.output.Terminal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real thing, with fewer cities: child processes, SIGKILL, restart, proof. */
class DemonstrationTest {
  @TempDir private Path folder;

  @Test
  void everyPromiseIsKeptOverThreeKills() throws InterruptedException {
    StringWriter text = new StringWriter();
    PrintWriter writer = new PrintWriter(text);
    Picture picture = new Picture(Terminal.NONE, writer, writer, false);
    Setting setting = new Setting(6_000, 3, 42);
    Summary summary = new Demonstration(folder, setting, picture).run();
    assertTrue(summary.holds(), text.toString());
    assertEquals(6_000, summary.complete().entries());
    for (Round round : summary.rounds()) {
      assertTrue(round.restart().losers() > 0, "the large transaction is a loser: " + round);
      assertTrue(round.restart().scannedRecords() > 0, "there is log to read: " + round);
      assertEquals(600, round.largeEntries());
      assertEquals(List.of(), round.proof().problems());
    }
    assertTrue(summary.rounds().getLast().undoneBeforeSecondKill() > 0, text.toString());
    assertTrue(text.toString().contains("Every promise kept"), text.toString());
  }
}
