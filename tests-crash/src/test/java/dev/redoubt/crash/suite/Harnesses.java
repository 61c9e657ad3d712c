package dev.redoubt.crash.suite;

import dev.redoubt.crash.harness.Disturbance;
import dev.redoubt.crash.harness.HarnessListener;
import dev.redoubt.crash.harness.HarnessOptions;
import dev.redoubt.crash.harness.HarnessReport;
import dev.redoubt.crash.harness.HarnessRun;
import dev.redoubt.crash.harness.LoopVolume;
import dev.redoubt.crash.harness.ProcessTarget;
import dev.redoubt.crash.harness.ServerSettings;
import dev.redoubt.crash.harness.Volume;
import dev.redoubt.crash.workload.Workloads;
import dev.redoubt.io.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Runs of the harness, printed. */
final class Harnesses {
  private static final int VOLUME_MEGABYTES = 128;

  private Harnesses() {}

  /** A file system of its own where this process may mount one, else a plain folder. */
  static Volume volume(Path work) {
    return LoopVolume.isPossible() ? LoopVolume.create(work, VOLUME_MEGABYTES) : Volume.plain(work);
  }

  /** One run in a process, in a new folder below {@code folder}. */
  static HarnessReport inProcess(Path folder, ServerSettings settings, HarnessOptions options)
      throws IOException {
    Path work = Files.createDirectories(folder.resolve(options.workload() + options.seed()));
    ProcessTarget target = new ProcessTarget(volume(work), work.resolve("server.log"), settings);
    HarnessReport report =
        HarnessRun.run(target, options, work.resolve("run"), HarnessListener.NONE);
    System.out.println(report);
    return report;
  }

  /**
   * Whether a run found something wrong in what a disturbed server did, and not before it worked.
   */
  static boolean found(HarnessReport report, Disturbance by) {
    return !report.ok()
        && report.acknowledged() > 0
        && report.disturbances().getOrDefault(by, 0) > 0;
  }

  /** Runs of one server setting and one seed each. */
  @FunctionalInterface
  interface Runner {
    HarnessReport run(ServerSettings settings, HarnessOptions options) throws IOException;
  }

  /** All workloads, seed after seed, until the time of slow suites is over. */
  static void many(Runner runner) throws IOException {
    SplittableRandom seeds = new SplittableRandom(Budget.seed());
    long until = Environment.system().nanoTime() + Budget.slow().toNanos();
    Map<Disturbance, Integer> done = new EnumMap<>(Disturbance.class);
    List<String> workloads = Workloads.names();
    long transactions = 0;
    for (int i = 0; Environment.system().nanoTime() < until; i++) {
      HarnessOptions options =
          HarnessOptions.of(workloads.get(i % workloads.size()), seeds.nextLong() >>> 32)
              .withTime(Duration.ofSeconds(30));
      HarnessReport report = runner.run(ServerSettings.draw(seeds.split()), options);
      report.orThrow();
      report.disturbances().forEach((kind, count) -> done.merge(kind, count, Integer::sum));
      transactions += report.transactions();
    }
    System.out.println("disturbances: " + done + ", transactions checked: " + transactions);
  }
}
