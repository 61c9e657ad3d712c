package dev.redoubt.crash.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.example.KeyValueLog.Fix;
import dev.redoubt.crash.sweep.Sweep;
import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.sweep.SweepReport;
import dev.redoubt.io.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The example of docs/testing.md, step by step; the lines that stand there are those found here.
 */
class KeyValueExampleTest {
  @Test
  void eachBugIsFoundUntilNoneIsLeft() throws IOException {
    String docs = Files.readString(Path.of("../docs/testing.md"));
    List<String> shown = new ArrayList<>();
    Set<Fix> fixes = EnumSet.noneOf(Fix.class);
    for (Fix next : Fix.values()) {
      SweepReport report = sweep(fixes);
      assertEquals(1, report.failures().size(), "before " + next + ": " + report);
      String line = report.failures().getFirst().schedule().toString();
      System.out.println("before " + next + ": " + report.failures().getFirst().getMessage());
      assertNotNull(Sweep.replay(new KeyValueWorkload(Set.copyOf(fixes)), line, 512), line);
      fixes.add(next);
      shown.add(line);
    }
    shown.removeIf(docs::contains);
    assertEquals(List.of(), shown, "docs/testing.md shows other lines than these");
    SweepReport clean = sweep(fixes);
    clean.orThrow();
    assertTrue(clean.complete() && clean.states() > 500, clean.toString());
  }

  private static SweepReport sweep(Set<Fix> fixes) {
    Set<Fix> now = Set.copyOf(fixes);
    return Sweep.run(
        new KeyValueWorkload(now), SweepOptions.defaults(1).withRounds(1), Environment.system());
  }
}
