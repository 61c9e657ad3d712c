package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.harness.Disturbance;
import dev.redoubt.crash.harness.HarnessListener;
import dev.redoubt.crash.harness.HarnessOptions;
import dev.redoubt.crash.harness.HarnessReport;
import dev.redoubt.crash.harness.HarnessRun;
import dev.redoubt.crash.harness.LoopVolume;
import dev.redoubt.crash.harness.ServerPlant;
import dev.redoubt.crash.harness.ServerSettings;
import dev.redoubt.crash.harness.Target;
import dev.redoubt.crash.harness.Volume;
import dev.redoubt.crash.harness.container.ContainerTarget;
import dev.redoubt.crash.process.PagesIn;
import dev.redoubt.recovery.RestartMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same in a container: with a limit of memory and a network that is cut. */
@RequiresDocker
class ContainerHarnessTest {
  @TempDir private Path folder;

  private HarnessReport run(ServerSettings settings, HarnessOptions options) throws IOException {
    Path work = Files.createDirectories(folder.resolve(options.workload() + options.seed()));
    Volume volume = Harnesses.volume(work);
    Target target = new ContainerTarget(volume, work.resolve("server.log"), settings);
    HarnessReport report =
        HarnessRun.run(target, options, work.resolve("run"), HarnessListener.NONE);
    System.out.println("in a container: " + report);
    return report;
  }

  @Test
  void eachDisturbanceOnceAndNothingIsLost() throws IOException {
    Set<Disturbance> kinds = EnumSet.allOf(Disturbance.class);
    if (!LoopVolume.isPossible()) {
      kinds.removeAll(
          EnumSet.of(Disturbance.POWER_CUT, Disturbance.DISK_FULL, Disturbance.KILL_ON_FULL_DISK));
    }
    HarnessOptions options =
        HarnessOptions.of("list-append", Budget.seed())
            .withOnly(kinds)
            .withTime(Duration.ofMinutes(5))
            .withMost(kinds.size());
    HarnessReport report = run(ServerSettings.draw(new SplittableRandom(Budget.seed())), options);
    report.orThrow();
    assertEquals(kinds, report.disturbances().keySet());
    assertTrue(report.acknowledged() > 100, report.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "ACKNOWLEDGED_EARLY, OUT_OF_MEMORY, list-append",
    "COMMIT_OF_THE_LOST, NETWORK_CUT,   large",
  })
  void plantedMistakeIsFound(ServerPlant plant, Disturbance by, String workload)
      throws IOException {
    ServerSettings settings = new ServerSettings(RestartMode.FULL, false, PagesIn.FILE, plant);
    boolean found = false;
    for (int i = 0; i < 5 && !found; i++) {
      HarnessOptions options =
          HarnessOptions.of(workload, Budget.seed() + i)
              .withOnly(Set.of(by))
              .withTime(Duration.ofMinutes(1))
              .withMost(3 + i);
      found = Harnesses.found(run(settings, options), by);
    }
    assertTrue(found, plant + " escaped " + by);
  }

  @Test
  @Tag("slow")
  void manySeedsAndWorkloads() throws IOException {
    Harnesses.many(this::run);
  }
}
