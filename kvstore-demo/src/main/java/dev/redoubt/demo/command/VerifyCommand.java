package dev.redoubt.demo.command;

import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Progress;
import dev.redoubt.demo.output.ProgressBar;
import dev.redoubt.demo.output.Text;
import dev.redoubt.demo.store.Stores;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.StorageException;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.StoreInspector;
import dev.redoubt.kv.VerifyReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** {@code redoubt verify}. */
@Command(
    name = "verify",
    header = "Check every page, every tree and the log.",
    description = {
      "Read every page, every tree and the log, and check every invariant.",
      "Exit code 1 and the place, if anything is not as it must be."
    })
final class VerifyCommand extends ReadCommand {
  VerifyCommand() {}

  @Override
  int call(Path where) {
    try {
      return super.call(where);
    } catch (CorruptionException e) {
      // So damaged that it does not open: that is an answer here, not a failure.
      String problem = Objects.requireNonNullElse(e.getMessage(), e.code());
      try {
        printBelowTrees(where, problem);
      } catch (StorageException neither) {
        print(
            Json.object("ok", false, "problems", List.of(problem)),
            problem + "\nnot ok: 1 problem, and nothing else could be checked");
      }
      return ExitCode.NO;
    }
  }

  /** The trees do not open: each page by itself, and the log. */
  private void printBelowTrees(Path where, String problem) {
    VerifyReport report = Stores.lookBelowTrees(where, StoreInspector::verifyBelowTrees);
    List<String> problems = new ArrayList<>(List.of(problem));
    report.problems().stream().filter(each -> !problem.startsWith(each)).forEach(problems::add);
    print(
        Json.object(
            "ok",
            false,
            "pages",
            report.pages(),
            "logRecords",
            report.logRecords(),
            "problems",
            problems),
        String.join("\n", problems)
            + "\nnot ok, "
            + Text.count(problems.size(), "problem")
            + ": trees could not be checked; read "
            + Text.count(report.pages(), "page")
            + ", "
            + Text.count(report.logRecords(), "log record"));
  }

  @Override
  int run(Store store) {
    double pages = Math.max(1, store.stats().allocatedPages());
    VerifyReport report;
    try (Progress bar = ProgressBar.on(terminal(), err(), "verify", "pages")) {
      report = store.verify(done -> bar.update(done / pages, done));
    }
    Map<String, @Nullable Object> json = Json.object("ok", report.ok());
    json.putAll(Json.members(report));
    StringBuilder text = new StringBuilder();
    report.problems().forEach(problem -> text.append(problem).append('\n'));
    text.append(verdict(report)).append(": ").append(read(report)).append('\n');
    print(json, text.toString());
    return report.ok() ? ExitCode.OK : ExitCode.NO;
  }

  private static String verdict(VerifyReport report) {
    return report.ok() ? "ok" : "not ok, " + Text.count(report.problems().size(), "problem");
  }

  static String read(VerifyReport report) {
    return Text.count(report.pages(), "page")
        + ", "
        + Text.count(report.trees(), "tree")
        + ", "
        + Text.count(report.entries(), "entry", "entries")
        + ", "
        + Text.count(report.logRecords(), "log record");
  }
}
