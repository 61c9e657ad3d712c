package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.redoubt.crash.disk.SimDisk;
import dev.redoubt.crash.sweep.Coverage;
import dev.redoubt.crash.sweep.CrashPlan;
import dev.redoubt.crash.sweep.PrefixOracle;
import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.sweep.Workload;
import dev.redoubt.crash.work.LogWorkload;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.crash.work.TransactionWorkload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Where sweeps crash: at every place that is known to change the disk, called by whom. */
class CoverageTest {
  private static final CrashPlan ONE = new CrashPlan(false, 0, 0, 0, false, false);

  @Test
  void everyPlaceThatChangesTheDiskIsCrashed() throws IOException {
    TransactionWorkload store =
        new TransactionWorkload(
            "store",
            StoreSubject.factory(StoreSubject.tiny()),
            new ScriptOptions(300, 400, 3, 500, 9000, 20).withPrepared(20),
            UnaryOperator.identity());
    Coverage all = new Coverage();
    Set<String> called = new TreeSet<>();
    for (Workload<?> each : List.of(store, new LogWorkload(150, 3000, UnaryOperator.identity()))) {
      all.add(cover(each));
      called.addAll(placesOf(each));
    }
    Path report = Path.of("target", "crash-coverage.txt");
    Files.createDirectories(Path.of("target"));
    Files.writeString(report, all.toString());
    System.out.printf(
        "crash coverage: %d places, %d with their phases of life, in %s%n",
        all.places().size(), all.states().size(), report.toAbsolutePath());
    called.removeAll(all.places().keySet());
    assertEquals(Set.of(), called, "called in a run, and never crashed");
    Set<String> known = new TreeSet<>(KnownPlaces.ALL);
    known.removeAll(all.places().keySet());
    assertEquals(Set.of(), known, "known, and never crashed: " + all.places().keySet());
  }

  /** Every point of the run in one way, and some of the recoveries. */
  private static <S> Coverage cover(Workload<S> workload) {
    SweepOptions options =
        SweepOptions.defaults(Budget.seed())
            .withRounds(1)
            .withPlans(ONE, ONE)
            .withSites()
            .withBudget(Long.MAX_VALUE, Duration.ofMinutes(10));
    Coverage coverage = Budget.sweep(workload, options.withDepth(1)).coverage();
    SweepOptions deeper = options.withRounds(64).withBudget(1_500, Duration.ofMinutes(10));
    coverage.add(Budget.sweep(workload, deeper).coverage());
    return coverage;
  }

  private static <S> Set<String> placesOf(Workload<S> workload) {
    SimDisk disk = SimDisk.create();
    disk.record(true);
    workload.run(disk, Budget.seed(), PrefixOracle.startingWith(workload.emptyState()));
    Set<String> places = new TreeSet<>();
    disk.trace().stream()
        .filter(event -> event.kind().mutates())
        .map(Coverage::place)
        .forEach(places::add);
    return places;
  }
}
