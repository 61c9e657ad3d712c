package dev.redoubt.crash.suite;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.redoubt.crash.sweep.CrashPlan;
import dev.redoubt.crash.sweep.Sweep;
import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.sweep.SweepReport;
import dev.redoubt.crash.work.MemorySubject;
import dev.redoubt.crash.work.Plant;
import dev.redoubt.crash.work.PlantedDisk;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.TransactionWorkload;
import dev.redoubt.io.Environment;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The sweep finds an engine out that leaves out or reorders calls to the disk. */
class PlantTest {
  @ParameterizedTest
  @EnumSource(Plant.class)
  void plantedMistakeIsFound(Plant plant) {
    TransactionWorkload planted =
        new TransactionWorkload(
            "memory",
            MemorySubject.factory(MemorySubject.tiny(), 161),
            new ScriptOptions(300, 160, 3, 600, 0, 20),
            disk -> new PlantedDisk(disk, plant));
    SweepOptions options =
        SweepOptions.defaults(Budget.seed())
            .withPlans(CrashPlan.full(), CrashPlan.full())
            .withBudget(60_000, Duration.ofSeconds(60));
    SweepReport report = Sweep.run(planted, options, Environment.system());
    System.out.println("planted " + plant + ": " + report);
    assertFalse(report.failures().isEmpty(), plant + " escaped: " + report);
    System.out.println("  found by " + report.failures().getFirst().schedule());
  }
}
