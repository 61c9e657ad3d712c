package dev.redoubt.crash.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same seed gives the same run: the same steps, and the same bytes on the disk. */
@Tag("simulation")
class DeterminismTest {
  private static final long SEED = 20261128;
  private static final int SEEDS = 2;

  enum Subject {
    STORE(SEED, StoreLives::new),
    /**
     * Yields at fields, which an initialiser of the workload once passed in the first run alone.
     */
    HISTORY(5569771975535L, HistoryLives::new),
    MEMORY(SEED, MemoryLives::new),
    LOG(SEED, LogLives::new);

    private final long seed;

    @SuppressWarnings("ImmutableEnumChecker") // a constructor
    private final LongFunction<SimSubject> lives;

    Subject(long seed, LongFunction<SimSubject> lives) {
      this.seed = seed;
      this.lives = lives;
    }

    List<Long> seeds() {
      return LongStream.range(seed, seed + SEEDS).boxed().toList();
    }

    String run(long number) {
      return line(new SimRuns(lives).run(number, false));
    }
  }

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

  /** The first run of a JVM, too: it initialises no class on the way. */
  @ParameterizedTest
  @EnumSource
  void seedRunsTheSameInFreshJvms(Subject subject) throws Exception {
    List<String> here = new ArrayList<>();
    for (long seed : subject.seeds().reversed()) {
      here.addFirst(subject.run(seed));
    }
    assertEquals(here, freshJvm(subject));
  }

  @Test
  void seedsDiffer() {
    SimRuns runs = new SimRuns(StoreLives::new);
    assertNotEquals(runs.run(SEED, false).traceHash(), runs.run(SEED + 1, false).traceHash());
  }

  private static List<String> freshJvm(Subject subject) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(SimJvm.FLAGS);
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xlog:disable"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Printer.class.getName(), subject.name()));
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
      Subject subject = Subject.valueOf(args[0]);
      subject.seeds().forEach(seed -> System.out.println(subject.run(seed)));
    }
  }
}
