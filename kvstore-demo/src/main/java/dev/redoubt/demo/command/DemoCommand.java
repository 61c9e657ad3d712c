package dev.redoubt.demo.command;

import dev.redoubt.demo.output.InputException;
import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.show.Demonstration;
import dev.redoubt.demo.show.Picture;
import dev.redoubt.demo.show.Setting;
import dev.redoubt.demo.show.Summary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code redoubt demo}. */
@Command(
    name = "demo",
    header = "Load real data, kill -9, restart, and prove that nothing was lost.",
    description = {
      "Load the cities of the world with several writers, kill the process with SIGKILL in the"
          + " middle of it, open the store again, and prove that every acknowledged transaction is"
          + " whole and nothing else is there. Takes under a minute. Exit code 1 if a promise was"
          + " broken."
    })
final class DemoCommand extends BaseCommand {
  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Keep the store in this new folder (default: a temporary one, removed).")
  private @Nullable Path keep;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "4",
      description = "Writers (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1992",
      description = "Decides which transactions there are (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--cities",
      paramLabel = "N",
      defaultValue = "" + Integer.MAX_VALUE,
      hidden = true)
  private int cities;

  DemoCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    Setting setting = new Setting(cities, threads, seed);
    Path directory = folder();
    Thread cleaner = new Thread(() -> delete(directory));
    if (keep == null) {
      // For Ctrl-C; the end of a normal run is below.
      Runtime.getRuntime().addShutdownHook(cleaner);
    }
    try {
      Picture picture = new Picture(terminal(), out(), err(), json());
      Summary summary = new Demonstration(directory, setting, picture).run();
      if (json()) {
        Map<String, @Nullable Object> members = Json.members(summary);
        members.put("ok", summary.holds());
        print(members, "");
      }
      return summary.holds() ? ExitCode.OK : ExitCode.NO;
    } finally {
      if (keep == null) {
        Runtime.getRuntime().removeShutdownHook(cleaner);
        delete(directory);
      }
    }
  }

  private Path folder() {
    try {
      if (keep == null) {
        return Files.createTempDirectory("redoubt-demo-");
      }
      if (Files.exists(keep)) {
        throw new InputException("usage", keep + " exists; --dir takes a folder that does not");
      }
      return Files.createDirectories(keep);
    } catch (IOException e) {
      throw new InputException("usage", "no folder for the store: " + e);
    }
  }

  private static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + directory, e);
    }
  }
}
