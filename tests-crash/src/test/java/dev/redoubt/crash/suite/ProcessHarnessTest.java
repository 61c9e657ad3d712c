package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.harness.Disturbance;
import dev.redoubt.crash.harness.HarnessOptions;
import dev.redoubt.crash.harness.HarnessReport;
import dev.redoubt.crash.harness.LoopVolume;
import dev.redoubt.crash.harness.ServerSettings;
import dev.redoubt.crash.process.PagesIn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
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
  void killedAndCutOffFromPowerNothingIsLostWithPagesInRocksDb() throws IOException {
    Set<Disturbance> losing =
        EnumSet.of(Disturbance.KILL, Disturbance.KILL_IN_RESTART, Disturbance.POWER_CUT);
    HarnessOptions options =
        HarnessOptions.of("bank", Budget.seed())
            .withTime(Duration.ofMinutes(5))
            .withOnly(losing)
            .withMost(LoopVolume.isPossible() ? 3 : 2);
    ServerSettings settings =
        ServerSettings.draw(new SplittableRandom(Budget.seed())).withPages(PagesIn.ROCKSDB);
    HarnessReport report = Harnesses.inProcess(folder, settings, options);
    report.orThrow();
    assertEquals(options.most(), report.disturbances().size());
    assertTrue(report.acknowledged() > 100, report.toString());
  }

  @Test
  @Tag("slow")
  void manySeedsAndWorkloadsWithPagesInRocksDb() throws IOException {
    Harnesses.many(
        (settings, options) ->
            Harnesses.inProcess(folder, settings.withPages(PagesIn.ROCKSDB), options));
  }

  @Test
  @Tag("slow")
  void manySeedsAndWorkloads() throws IOException {
    Harnesses.many((settings, options) -> Harnesses.inProcess(folder, settings, options));
  }
}
