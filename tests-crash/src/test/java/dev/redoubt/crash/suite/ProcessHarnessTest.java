package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.harness.HarnessOptions;
import dev.redoubt.crash.harness.HarnessReport;
import dev.redoubt.crash.harness.LoopVolume;
import dev.redoubt.crash.harness.ServerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server process under clients and disturbances; what each client was told is judged. */
class ProcessHarnessTest {
  @TempDir private Path folder;

  @Test
  void eachDisturbanceOnceAndNothingIsLost() throws IOException {
    HarnessOptions options =
        HarnessOptions.of("list-append", Budget.seed())
            .withTime(Duration.ofMinutes(5))
            .withMost(LoopVolume.isPossible() ? 8 : 5);
    HarnessReport report =
        Harnesses.inProcess(
            folder, ServerSettings.draw(new SplittableRandom(Budget.seed())), options);
    report.orThrow();
    assertEquals(options.most(), report.disturbances().size());
    assertTrue(report.acknowledged() > 100, report.toString());
  }

  @Test
  @Tag("slow")
  void manySeedsAndWorkloads() throws IOException {
    Harnesses.many((settings, options) -> Harnesses.inProcess(folder, settings, options));
  }
}
