package dev.redoubt.crash.command;

import dev.redoubt.crash.sweep.CrashFailure;
import dev.redoubt.crash.sweep.Sweep;
import dev.redoubt.crash.sweep.SweepOptions;
import dev.redoubt.crash.sweep.SweepReport;
import dev.redoubt.crash.sweep.Workload;
import dev.redoubt.crash.work.LogWorkload;
import dev.redoubt.crash.work.MemorySubject;
import dev.redoubt.crash.work.Plant;
import dev.redoubt.crash.work.PlantedDisk;
import dev.redoubt.crash.work.ScriptOptions;
import dev.redoubt.crash.work.StoreSubject;
import dev.redoubt.crash.work.Subject;
import dev.redoubt.crash.work.TransactionWorkload;
import dev.redoubt.demo.output.Text;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Crashes at the calls of a run on the simulated disk, and of its recoveries; every fourth piece
 * simulates all threads of the store on one seed.
 */
final class SweepHunt implements Hunt {
  private static final Duration TURN = Duration.ofSeconds(5);
  private static final int KINDS = 4;
  private static final int LONGEST_RECORD = 3000;
  private static final long SIMULATION_NANOS = Duration.ofSeconds(10).toNanos();

  private final SplittableRandom seeds;
  private final Path folder;
  private final UnaryOperator<Disk> disk;
  private final boolean planted;
  private String drawn = "";
  private long simulations;
  private long simulatedCrashes;
  private long states;
  private long inRecovery;
  private long judged;

  SweepHunt(long seed, Path folder, @Nullable Plant plant) {
    this.seeds = new SplittableRandom(seed);
    this.folder = folder;
    this.planted = plant != null;
    this.disk = plant == null ? UnaryOperator.identity() : real -> new PlantedDisk(real, plant);
  }

  @Override
  public Piece next(int number, Screen screen) throws IOException {
    long seed = seeds.nextLong() >>> 32;
    if (number % KINDS == KINDS - 1 && !planted) {
      return simulate(seed, screen);
    }
    SweepOptions options =
        SweepOptions.defaults(seed)
            .withSectorBytes(seeds.nextInt(4) == 0 ? 4096 : 512)
            .withBudget(Long.MAX_VALUE, turn(screen));
    SplittableRandom random = seeds.split();
    screen.show(words());
    SweepReport report =
        switch (number % KINDS) {
          case 0 -> sweep("store", StoreSubject.factory(StoreSubject.tiny()), random, options);
          case 1 ->
              sweep("memory", MemorySubject.factory(MemorySubject.tiny(), 161), random, options);
          default -> log(100 + random.nextInt(150), options);
        };
    states += report.states();
    inRecovery += report.statesInRecovery();
    judged += report.recoveries();
    screen.show(words());
    List<String> findings = report.failures().stream().map(SweepHunt::text).toList();
    if (!findings.isEmpty()) {
      keep(
          String.join("\n\n", report.toString(), what(options), String.join("\n\n", findings))
              + "\n");
      report.failures().getFirst().keep(folder);
    }
    return new Piece(line(report), findings);
  }

  private String words() {
    return Text.count(states) + " crash states, " + Text.count(judged) + " recovered and judged";
  }

  private static String line(SweepReport report) {
    return String.format(
        Locale.ROOT,
        "%-10s %s crash states, %s of them in a recovery, %s recovered and judged",
        report.workload(),
        Text.right(Text.count(report.states()), 7),
        Text.right(Text.count(report.statesInRecovery()), 7),
        Text.right(Text.count(report.recoveries()), 7));
  }

  private Piece simulate(long seed, Screen screen) throws IOException {
    screen.show("simulating all threads, " + Text.count(simulations) + " runs so far");
    SimulationChild.Outcome outcome =
        SimulationChild.run(seed, Math.clamp(screen.left(), 1, SIMULATION_NANOS), folder);
    simulations += outcome.runs();
    simulatedCrashes += outcome.crashes();
    if (outcome.failure().isEmpty()) {
      return new Piece(line(outcome), List.of());
    }
    keep(outcome.line() + "\n\n" + outcome.failure() + "\n");
    return new Piece(line(outcome), List.of(outcome.failure().lines().findFirst().orElse("")));
  }

  private static String line(SimulationChild.Outcome outcome) {
    return String.format(
        Locale.ROOT,
        "%-10s %s runs, %s crashes, %s steps of all threads",
        "simulation",
        Text.right(Text.count(outcome.runs()), 7),
        Text.count(outcome.crashes()),
        Text.count(outcome.steps()));
  }

  private static Duration turn(Screen screen) {
    Duration left = Duration.ofNanos(Math.max(Duration.ofSeconds(1).toNanos(), screen.left()));
    return left.compareTo(TURN) < 0 ? left : TURN;
  }

  private SweepReport sweep(
      String name, Subject.Factory subject, SplittableRandom random, SweepOptions options) {
    int keys = name.equals("memory") ? 160 : 100 + random.nextInt(1200);
    ScriptOptions script =
        new ScriptOptions(200 + random.nextInt(300), keys, 3, 20 + random.nextInt(600), 0, 20);
    drawn = script.toString();
    return run(new TransactionWorkload(name, subject, script, disk), options);
  }

  private SweepReport log(int records, SweepOptions options) {
    drawn = "records=" + records + ", longest=" + LONGEST_RECORD;
    return run(new LogWorkload(records, LONGEST_RECORD, disk), options);
  }

  /** What the line that replays it leaves open. */
  private String what(SweepOptions options) {
    return "sectors of " + options.sectorBytes() + " bytes; of the workload: " + drawn;
  }

  private static <S> SweepReport run(Workload<S> workload, SweepOptions options) {
    return Sweep.run(workload, options, Environment.system());
  }

  private static String text(CrashFailure failure) {
    return String.valueOf(failure.getMessage());
  }

  private void keep(String text) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("trace.txt"), text, StandardCharsets.UTF_8);
  }

  @Override
  public Map<String, Long> done() {
    Map<String, Long> done = new LinkedHashMap<>();
    done.put("crashStates", states);
    done.put("inARecovery", inRecovery);
    done.put("recoveredAndJudged", judged);
    done.put("simulatedRuns", simulations);
    done.put("simulatedCrashes", simulatedCrashes);
    return done;
  }
}
