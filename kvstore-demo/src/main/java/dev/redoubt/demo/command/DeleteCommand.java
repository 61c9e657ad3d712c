package dev.redoubt.demo.command;

import dev.redoubt.demo.output.Json;
import dev.redoubt.kv.CommitInfo;
import dev.redoubt.kv.Store;
import dev.redoubt.kv.WriteTx;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code redoubt delete}. */
@Command(
    name = "delete",
    header = "Delete a key.",
    description = "Delete a key, durably. Exit code 1 if it is not there.")
final class DeleteCommand extends StoreCommand {
  @Parameters(index = "1", paramLabel = "KEY", description = "The key.")
  private String key;

  @Mixin private TreeOption tree;

  DeleteCommand() {}

  @Override
  int run(Store store) {
    String wanted = Arguments.utf8("KEY", key);
    if (!tree.existsIn(store)) {
      return notFound(wanted, tree.missing(store));
    }
    try (WriteTx tx = store.beginWrite()) {
      if (tx.tree(tree.definition()).remove(wanted) == null) {
        return notFound(wanted, "no key '" + wanted + "' in tree '" + tree.name() + "'");
      }
      CommitInfo commit = tx.commit();
      print(
          Json.object(
              "tree", tree.name(),
              "key", wanted,
              "found", true,
              "transaction", commit.transactionId(),
              "commitLsn", commit.commitLsn()),
          "durable: transaction " + commit.transactionId() + ", LSN " + commit.commitLsn());
      return ExitCode.OK;
    }
  }

  private int notFound(String wanted, String why) {
    print(Json.object("tree", tree.name(), "key", wanted, "found", false), "");
    note(why);
    return ExitCode.NO;
  }
}
