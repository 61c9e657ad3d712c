package dev.redoubt.demo.command;

import dev.redoubt.demo.store.Stores;
import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.kv.StoreInspector;
import dev.redoubt.recovery.Inspection;
import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** A command that looks into a store, closed or crashed, and writes not a byte. */
abstract class InspectCommand extends BaseCommand {
  @Parameters(index = "0", paramLabel = "DIR", description = "Folder of the store.")
  private Path directory;

  @Override
  public final Integer call() {
    try (Disk disk = Stores.existing(directory);
        Inspection store = StoreInspector.open(disk, Environment.system())) {
      return run(store);
    }
  }

  /** The command itself; returns the exit code. */
  abstract int run(Inspection store);
}
