package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.redoubt.crash.harness.Disturbance;
import dev.redoubt.crash.harness.HarnessOptions;
import dev.redoubt.crash.harness.LoopVolume;
import dev.redoubt.crash.harness.ServerPlant;
import dev.redoubt.crash.harness.ServerSettings;
import dev.redoubt.crash.process.PagesIn;
import dev.redoubt.recovery.RestartMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Servers with a mistake on purpose: the disturbance that should show it does. */
class HarnessPlantTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "ACKNOWLEDGED_EARLY, KILL,          list-append",
    "SILENT_ROLLBACK,    PAUSE,         large",
    "COMMIT_OF_THE_LOST, CLIENTS_LOST,  large",
    "NOT_LOCKED,         SECOND_SERVER, set",
  })
  void plantedMistakeIsFound(ServerPlant plant, Disturbance by, String workload)
      throws IOException {
    assertFound(plant, by, workload);
  }

  @ParameterizedTest
  @CsvSource({
    "LOG_NOT_FORCED,     POWER_CUT,     list-append",
    "FULL_DISK_IGNORED,  DISK_FULL,     large",
  })
  @EnabledIf("canMount")
  void plantedMistakeIsFoundOnASmallDisk(ServerPlant plant, Disturbance by, String workload)
      throws IOException {
    assertFound(plant, by, workload);
  }

  static boolean canMount() {
    return LoopVolume.isPossible();
  }

  private void assertFound(ServerPlant plant, Disturbance by, String workload) throws IOException {
    ServerSettings settings = new ServerSettings(RestartMode.FULL, false, PagesIn.FILE, plant);
    boolean found = false;
    for (int i = 0; i < 4 && !found; i++) {
      HarnessOptions options =
          HarnessOptions.of(workload, Budget.seed() + i)
              .withOnly(Set.of(by))
              .withTime(Duration.ofMinutes(2))
              .withMost(2 + 2 * i);
      found = Harnesses.found(Harnesses.inProcess(folder, settings, options), by);
    }
    assertTrue(found, plant + " escaped " + by);
  }
}
