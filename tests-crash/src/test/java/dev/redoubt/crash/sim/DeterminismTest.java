package dev.redoubt.crash.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same seed gives the same run: the same steps, and the same bytes on the disk. */
@Tag("simulation")
class DeterminismTest {
  private static final long SEED = 20261128;
  private static final int SEEDS = 4;

  @BeforeAll
  static void prepare() {
    SimSuite.prepare();
  }

  @Test
  void seedRunsTheSameAgainInOneJvm() {
    SimRuns runs = new SimRuns(StoreLives::new);
    for (int i = 0; i < 2 * SEEDS; i++) {
      SimReport first = runs.run(SEED + i, false);
      SimReport again = runs.run(SEED + i, true);
      assertEquals(line(first), line(again));
    }
  }

  @Test
  void seedRunsTheSameInFreshJvms() throws Exception {
    SimRuns runs = new SimRuns(StoreLives::new);
    List<String> here = new ArrayList<>();
    for (int i = SEEDS - 1; i >= 0; i--) {
      here.addFirst(line(runs.run(SEED + i, false)));
    }
    assertEquals(here, freshJvm());
  }

  @Test
  void seedsDiffer() {
    SimRuns runs = new SimRuns(StoreLives::new);
    assertNotEquals(runs.run(SEED, false).traceHash(), runs.run(SEED + 1, false).traceHash());
  }

  private static List<String> freshJvm() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(SimJvm.FLAGS);
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xlog:disable"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Printer.class.getName());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<String> lines = process.inputReader().lines().toList();
    assertEquals(0, process.waitFor());
    return lines;
  }

  private static String line(SimReport report) {
    return report.replay() + " at " + report.nanos() + " " + report.failure();
  }

  /** What the fresh JVM runs. */
  static final class Printer {
    private Printer() {}

    public static void main(String[] args) {
      SimJvm.installForRedoubt();
      SimRuns runs = new SimRuns(StoreLives::new);
      for (int i = 0; i < SEEDS; i++) {
        System.out.println(line(runs.run(SEED + i, false)));
      }
    }
  }
}
