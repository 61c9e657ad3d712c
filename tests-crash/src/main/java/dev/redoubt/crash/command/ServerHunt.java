package dev.redoubt.crash.command;

import dev.redoubt.crash.harness.Disturbance;
import dev.redoubt.crash.harness.HarnessListener;
import dev.redoubt.crash.harness.HarnessOptions;
import dev.redoubt.crash.harness.HarnessReport;
import dev.redoubt.crash.harness.HarnessRun;
import dev.redoubt.crash.harness.LoopVolume;
import dev.redoubt.crash.harness.ProcessTarget;
import dev.redoubt.crash.harness.ServerPlant;
import dev.redoubt.crash.harness.ServerSettings;
import dev.redoubt.crash.harness.Target;
import dev.redoubt.crash.harness.Volume;
import dev.redoubt.crash.harness.container.ContainerTarget;
import dev.redoubt.crash.process.PagesIn;
import dev.redoubt.crash.workload.Workloads;
import dev.redoubt.demo.output.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Disturbs a server while clients work, one workload after the other. */
final class ServerHunt implements Hunt {
  private static final Duration TURN = Duration.ofSeconds(20);
  private static final long VOLUME_MEGABYTES = 128;

  private final boolean inContainer;
  private final SplittableRandom seeds;
  private final Path folder;
  private final PagesIn pages;
  private final ServerPlant plant;
  private final List<String> workloads;
  private final Map<Disturbance, Long> disturbances = new TreeMap<>();
  private volatile @Nullable Target running;
  private long acknowledged;
  private long unknown;
  private long checked;

  ServerHunt(
      boolean inContainer,
      long seed,
      Path folder,
      PagesIn pages,
      ServerPlant plant,
      List<String> workloads) {
    this.inContainer = inContainer;
    this.seeds = new SplittableRandom(seed);
    this.folder = folder;
    this.pages = pages;
    this.plant = plant;
    this.workloads = workloads.isEmpty() ? Workloads.names() : workloads;
    Runtime.getRuntime().addShutdownHook(new Thread(this::interrupted));
  }

  /** On Ctrl-C: no server and no mounted disk stays behind. */
  private void interrupted() {
    Target left = running;
    if (left != null) {
      left.close();
    }
  }

  @Override
  public Piece next(int number, Screen screen) throws IOException {
    String workload = workloads.get(number % workloads.size());
    HarnessOptions options =
        HarnessOptions.of(workload, seeds.nextLong() >>> 32).withTime(turn(screen));
    ServerSettings settings = ServerSettings.draw(seeds.split()).withPages(pages).withPlant(plant);
    Path run = folder.resolve(String.format(Locale.ROOT, "%03d-%s", number, workload));
    Files.createDirectories(run);
    Volume volume =
        LoopVolume.isPossible() ? LoopVolume.create(run, VOLUME_MEGABYTES) : Volume.plain(run);
    Target target =
        inContainer
            ? new ContainerTarget(volume, run.resolve("server.log"), settings)
            : new ProcessTarget(volume, run.resolve("server.log"), settings);
    running = target;
    HarnessReport report = HarnessRun.run(target, options, run, new Listener(workload, screen));
    running = null;
    acknowledged += report.acknowledged();
    unknown += report.unknown();
    checked += report.transactions();
    report.disturbances().forEach((kind, count) -> disturbances.merge(kind, 0L + count, Long::sum));
    if (report.ok()) {
      delete(run);
    }
    return new Piece(line(report), report.findings());
  }

  private static Duration turn(Screen screen) {
    Duration left = Duration.ofNanos(Math.max(0, screen.left()));
    return left.compareTo(TURN) < 0 ? left : TURN;
  }

  private static String line(HarnessReport report) {
    return String.format(
        Locale.ROOT,
        "%-18s %s transactions, %s unknown; %s",
        report.workload(),
        Text.right(Text.count(report.transactions()), 7),
        Text.right(Text.count(report.unknown()), 4),
        words(report.disturbances()));
  }

  private static String words(Map<Disturbance, Integer> counts) {
    return counts.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(e -> word(e.getKey()) + (e.getValue() == 1 ? "" : " x" + e.getValue()))
        .collect(Collectors.joining(", "));
  }

  static String word(Disturbance kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  @Override
  public Map<String, Long> done() {
    Map<String, Long> done = new LinkedHashMap<>();
    done.put("transactions", checked);
    done.put("acknowledged", acknowledged);
    done.put("unknown", unknown);
    disturbances.forEach((kind, count) -> done.put(word(kind), count));
    return done;
  }

  /** Shows what is done to the server. */
  private static final class Listener implements HarnessListener {
    private final String workload;
    private final Screen screen;
    private int lines;
    private String last = "";

    Listener(String workload, Screen screen) {
      this.workload = workload;
      this.screen = screen;
    }

    @Override
    public void event(String what) {
      last = what.toLowerCase(Locale.ROOT).replace('_', ' ');
      show();
    }

    @Override
    public void recorded(int now) {
      lines = now;
      show();
    }

    @Override
    public void checking(int transactions) {
      last = "checking " + Text.count(transactions) + " transactions";
      show();
    }

    private void show() {
      screen.show(workload + ": " + Text.count(lines) + " lines of history; " + last);
    }
  }
}
