package dev.redoubt.crash.command;

import dev.redoubt.crash.harness.ServerPlant;
import dev.redoubt.crash.harness.container.DockerEngine;
import dev.redoubt.crash.process.PagesIn;
import dev.redoubt.crash.work.Plant;
import dev.redoubt.crash.workload.Workloads;
import dev.redoubt.demo.command.BaseCommand;
import dev.redoubt.demo.command.ExitCode;
import dev.redoubt.demo.output.InputException;
import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Progress;
import dev.redoubt.demo.output.ProgressBar;
import dev.redoubt.demo.output.Terminal;
import dev.redoubt.demo.output.Text;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code redoubt crash}. */
@Command(
    name = "crash",
    header = "Look for crashes that lose something.",
    description = {
      "Crash the store, again and again, and check after each crash that what was acknowledged is"
          + " there and nothing else is half there. Stops at the first finding and leaves a folder"
          + " with seed, trace, history and store.",
      "",
      "sim: a simulated disk, crashed at every call; unforced writes are lost, torn, reordered.",
      "process: a server is killed, paused, loses its clients, meets a second one; for root its"
          + " disk is full and its power is cut as well.",
      "container: the same, with a limit of memory and a network that is cut."
    },
    exitCodeList = {
      "0:nothing wrong was found",
      "1:something was: the folder is named",
      "2:bad arguments",
      "3:it could not be looked for: no container engine, say"
    })
final class CrashCommand extends BaseCommand {
  private static final double LONGEST_MINUTES = 1e6;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "1",
      description = "How long to look, about (default: ${DEFAULT-VALUE}; 0.5 will do).")
  private double minutes;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Decides everything but the speed of this machine (default: by the clock).")
  private @Nullable Long seed;

  @Option(
      names = "--backend",
      paramLabel = "KIND",
      defaultValue = "sim",
      description = "sim, process or container (default: ${DEFAULT-VALUE}).")
  private Backend backend;

  @Option(
      names = "--workload",
      paramLabel = "NAME",
      description = "What clients do; may be repeated (default: all, in turn; not for sim).")
  private List<String> workloads = new ArrayList<>();

  @Option(
      names = "--pages",
      paramLabel = "WHERE",
      defaultValue = "file",
      description = "file or rocksdb; rocksdb for process alone (default: ${DEFAULT-VALUE}).")
  private PagesIn pages;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Folder for what is found (default: redoubt-crash-SEED, removed if empty).")
  private @Nullable Path directory;

  @Option(
      names = "--plant",
      paramLabel = "MISTAKE",
      hidden = true,
      description = "Make a mistake on purpose, to see it found.")
  private @Nullable String plant;

  CrashCommand() {}

  @Override
  public Integer call() throws IOException {
    if (!(minutes > 0 && minutes < LONGEST_MINUTES)) {
      throw new InputException("usage", "--minutes " + minutes + "; more than 0");
    }
    if (pages != PagesIn.FILE && backend != Backend.PROCESS) {
      throw new InputException("usage", "--pages goes with --backend process, not " + word());
    }
    long began = System.nanoTime();
    long from = seed == null ? began >>> 20 & 0xffffff : seed;
    Path folder = directory == null ? Path.of("redoubt-crash-" + from) : directory;
    Hunt hunt = hunt(from, folder.toAbsolutePath());
    note("looking for crashes that lose something: " + word() + ", seed " + from);
    List<String> findings = new ArrayList<>();
    int pieces = 0;
    try (Progress bar = ProgressBar.on(terminal(), err(), "crash", "states")) {
      Screen screen = new Screen(bar, minutes);
      while (!screen.timeIsOver() && findings.isEmpty()) {
        Hunt.Piece piece = hunt.next(pieces, screen);
        pieces++;
        findings.addAll(piece.findings());
        if (!json()) {
          screen.clear();
          out().println("  " + (piece.findings().isEmpty() ? piece.line() : wrong(piece.line())));
          out().flush();
        }
      }
    }
    removeIfEmpty(folder);
    conclude(hunt, from, folder, findings, pieces, Duration.ofNanos(System.nanoTime() - began));
    return findings.isEmpty() ? ExitCode.OK : ExitCode.NO;
  }

  private String word() {
    return backend.name().toLowerCase(Locale.ROOT);
  }

  private Hunt hunt(long from, Path folder) {
    workloads.forEach(Workloads::of); // refuses a name that there is not
    if (backend == Backend.SIM) {
      return new SweepHunt(from, folder, plant == null ? null : Plant.valueOf(plant));
    }
    if (backend == Backend.CONTAINER) {
      String missing = DockerEngine.missing();
      if (missing != null) {
        throw new UnavailableException(missing);
      }
    }
    ServerPlant mistake = plant == null ? ServerPlant.NONE : ServerPlant.valueOf(plant);
    return new ServerHunt(backend == Backend.CONTAINER, from, folder, pages, mistake, workloads);
  }

  private String wrong(String text) {
    return terminal().paint(Terminal.Color.RED, text);
  }

  private static void removeIfEmpty(Path folder) throws IOException {
    try {
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException e) {
      return; // that is what it is for
    }
  }

  private void conclude(
      Hunt hunt, long from, Path folder, List<String> findings, int pieces, Duration time) {
    Map<String, Long> done = hunt.done();
    Map<String, @Nullable Object> members =
        Json.object(
            "backend", word(),
            "seed", from,
            "ok", findings.isEmpty(),
            "runs", pieces,
            "done", done,
            "findings", findings,
            "folder", findings.isEmpty() ? null : folder.toString(),
            "millis", time);
    String numbers =
        done.entrySet().stream()
            .map(e -> Text.count(e.getValue()) + " " + spaced(e.getKey()))
            .collect(Collectors.joining(", "));
    String verdict =
        findings.isEmpty()
            ? terminal().paint(Terminal.Color.GREEN, "Nothing wrong")
            : String.join("\n", findings) + "\n" + wrong("WRONG") + ": all of it is in " + folder;
    print(members, verdict + ", seed " + from + ", " + Text.duration(time) + ": " + numbers + ".");
  }

  /** {@code crashStates} as {@code crash states}. */
  private static String spaced(String name) {
    return name.replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
  }
}
