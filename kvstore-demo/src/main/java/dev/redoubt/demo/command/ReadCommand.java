package dev.redoubt.demo.command;

import dev.redoubt.demo.store.Stores;
import dev.redoubt.kv.Store;
import dev.redoubt.recovery.RecoveryListener;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** A command on a store that only reads. */
abstract class ReadCommand extends StoreCommand {
  @Option(
      names = "--read-only",
      order = 97,
      description = {
        "Write not a byte: a store that crashed is recovered in memory.",
        "Needs no right to write; no program may have the store open for writing."
      })
  private boolean readOnly;

  @Override
  Store openStore(Path where, RecoveryListener listener) {
    return readOnly ? Stores.openReadOnly(where, listener) : super.openStore(where, listener);
  }
}
