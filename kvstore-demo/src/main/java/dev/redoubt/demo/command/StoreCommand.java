package dev.redoubt.demo.command;

import dev.redoubt.demo.store.RestartScreen;
import dev.redoubt.demo.store.RestartText;
import dev.redoubt.demo.store.Stores;
import dev.redoubt.kv.Store;
import dev.redoubt.recovery.RecoveryListener;
import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** A command on an open store. Opening recovers a store that had crashed, and shows it. */
abstract class StoreCommand extends BaseCommand {
  @Parameters(index = "0", paramLabel = "DIR", description = "Folder of the store.")
  private Path directory;

  final Path directory() {
    return directory;
  }

  @Override
  public final Integer call() {
    return call(directory);
  }

  /** Opens, runs, closes in order. */
  int call(Path where) {
    try (Store store = open(where)) {
      return run(store);
    }
  }

  /** The command itself; returns the exit code. */
  abstract int run(Store store);

  /** Opens without creating; commands that create override it. */
  Store openStore(Path where, RecoveryListener listener) {
    return Stores.openExisting(where, listener);
  }

  final Store open(Path where) {
    Store store;
    try (RestartScreen screen = new RestartScreen(terminal(), err())) {
      store = openStore(where, screen);
    }
    if (!RestartText.nothingToDo(store.lastRecovery())) {
      if (terminal().err()) {
        RestartText.phases(store.lastRecovery()).forEach(line -> note(line));
      } else {
        note(RestartText.summary(store.lastRecovery()));
      }
    }
    return store;
  }
}
