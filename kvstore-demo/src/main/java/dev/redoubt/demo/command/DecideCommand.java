package dev.redoubt.demo.command;

import dev.redoubt.demo.output.InputException;
import dev.redoubt.demo.output.Json;
import dev.redoubt.kv.Store;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code redoubt decide}. */
@Command(
    name = "decide",
    header = "Decide a transaction in doubt.",
    description = {
      "Commit or roll back a prepared transaction, durably. It is for its coordinator to say which:"
          + " decide by hand only what the coordinator has lost."
    })
final class DecideCommand extends StoreCommand {
  /** What can be decided. */
  private enum Decision {
    COMMIT,
    ROLLBACK
  }

  @Parameters(index = "1", paramLabel = "ID", description = "Its id; see 'redoubt prepared'.")
  private long id;

  @Parameters(index = "2", paramLabel = "DECISION", description = "commit or rollback.")
  private Decision decision;

  DecideCommand() {}

  @Override
  int run(Store store) {
    if (store.listPrepared().stream().noneMatch(each -> each.id() == id)) {
      throw new InputException(
          "decision",
          "no transaction " + id + " awaits a decision; 'redoubt prepared' lists those that do");
    }
    switch (decision) {
      case COMMIT -> store.commitPrepared(id);
      case ROLLBACK -> store.rollbackPrepared(id);
    }
    String done = decision == Decision.COMMIT ? "committed" : "rolled back";
    print(
        Json.object("transaction", id, "decision", decision.name().toLowerCase(Locale.ROOT)),
        "durable: transaction " + id + " is " + done);
    return ExitCode.OK;
  }
}
