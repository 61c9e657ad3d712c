package dev.redoubt.demo.command;

import dev.redoubt.demo.load.SalvageDump;
import dev.redoubt.demo.output.InputException;
import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.store.SalvageText;
import dev.redoubt.demo.store.Stores;
import dev.redoubt.io.Environment;
import dev.redoubt.kv.Salvage;
import dev.redoubt.kv.SalvageReport;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code redoubt salvage}. */
@Command(
    name = "salvage",
    header = "Save every readable entry of a damaged store.",
    description = {
      "Write every readable entry of a store to files that 'redoubt load' reads, one or two a tree,"
          + " and name what was lost by tree and range of keys, in OUT/report.txt too. Pages,"
          + " catalog, master file and log may be damaged or missing. Writes nothing into DIR.",
      "Exit code 1 if anything is lost or uncertain."
    })
final class SalvageCommand extends BaseCommand {
  private static final long LEAST_MEMORY = 1 << 20;

  @Parameters(index = "0", paramLabel = "DIR", description = "Folder of the store.")
  private Path directory;

  @Parameters(
      index = "1",
      paramLabel = "OUT",
      description = "Folder for what is saved; made, or empty; not in DIR.")
  private Path out;

  @Option(
      names = "--memory",
      paramLabel = "BYTES",
      defaultValue = "1073741824",
      description = "Memory for what restart would write (default: ${DEFAULT-VALUE}).")
  private long memory;

  SalvageCommand() {}

  @Override
  public Integer call() {
    if (memory < LEAST_MEMORY) {
      throw new InputException(
          "usage",
          "--memory is a number of bytes, at least "
              + LEAST_MEMORY
              + " (1 MiB), and not "
              + memory
              + "; restart takes about as much as the pages and the log that it would write");
    }
    SalvageReport report;
    List<SalvageDump.File> files;
    try (SalvageDump dump = SalvageDump.create(out, directory)) {
      report = Salvage.run(Stores.existing(directory), Environment.system(), memory, dump::entry);
      files = dump.files();
      dump.write("report.txt", SalvageText.of(report, files));
    }
    print(json(report, files), SalvageText.of(report, files));
    return report.isComplete() ? ExitCode.OK : ExitCode.NO;
  }

  private static Object json(SalvageReport report, List<SalvageDump.File> files) {
    return Json.object(
        "complete",
        report.isComplete(),
        "recovered",
        report.recovered(),
        "entries",
        report.entries(),
        "trees",
        report.trees().stream().map(SalvageText::json).toList(),
        "notes",
        report.notes(),
        "files",
        files.stream().map(SalvageDump.File::name).toList());
  }
}
