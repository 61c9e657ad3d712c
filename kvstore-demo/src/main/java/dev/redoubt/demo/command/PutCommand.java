package dev.redoubt.demo.command;

import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.store.Stores;
import dev.redoubt.kv.CommitInfo;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.WriteTx;
import dev.redoubt.recovery.RecoveryListener;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code redoubt put}. */
@Command(
    name = "put",
    header = "Put a value under a key.",
    description = "Put a value under a key, durably. Creates the store and the tree if missing.")
final class PutCommand extends StoreCommand {
  @Parameters(index = "1", paramLabel = "KEY", description = "The key.")
  private String key;

  @Parameters(index = "2", paramLabel = "VALUE", description = "The value.")
  private String value;

  @Mixin private TreeOption tree;

  @Option(
      names = "--page-size",
      paramLabel = "BYTES",
      defaultValue = "0",
      description = "Of a new store: 4096 to 65536 (default: 8192). An existing one must have it.")
  private int pageSize;

  PutCommand() {}

  @Override
  Store openStore(Path where, RecoveryListener listener) {
    Arguments.utf8("KEY", key);
    Arguments.utf8("VALUE", value);
    return Stores.openOrCreate(where, pageSize, listener);
  }

  @Override
  int run(Store store) {
    try (WriteTx tx = store.beginWrite()) {
      tx.tree(tree.definition()).put(key, value);
      CommitInfo commit = tx.commit();
      print(
          Json.object(
              "tree", tree.name(),
              "key", key,
              "transaction", commit.transactionId(),
              "commitLsn", commit.commitLsn()),
          "durable: transaction " + commit.transactionId() + ", LSN " + commit.commitLsn());
    }
    return ExitCode.OK;
  }
}
