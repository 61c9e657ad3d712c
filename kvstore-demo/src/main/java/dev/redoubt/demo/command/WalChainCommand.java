package dev.redoubt.demo.command;

import dev.redoubt.demo.inspect.ChainView;
import dev.redoubt.demo.output.Json;
import dev.redoubt.recovery.Inspection;
import dev.redoubt.recovery.LogEntry;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code redoubt wal chain}. */
@Command(
    name = "chain",
    header = "Print the back chain of a transaction.",
    description = {
      "Print the records of a transaction, newest first, as undo would walk them by prevLSN and"
          + " undoNextLSN: ● stands, ○ was undone. Exit code 1 if the log has none. Works on a"
          + " store that is closed, crashed or open elsewhere, and writes nothing."
    })
final class WalChainCommand extends InspectCommand {
  @Parameters(index = "1", paramLabel = "TX", description = "Number of the transaction.")
  private long transaction;

  WalChainCommand() {}

  @Override
  int run(Inspection store) {
    List<LogEntry> entries = new ArrayList<>();
    store
        .dump()
        .forEach(
            0,
            entry -> {
              if (entry.transactionId() == transaction && transaction > 0) {
                entries.add(entry);
              }
              return true;
            });
    if (entries.isEmpty()) {
      if (json()) {
        print(Json.object("transaction", transaction, "outcome", null, "chain", List.of()), "");
      }
      note(
          "no record of transaction "
              + transaction
              + " in the log that is kept, LSN "
              + store.log().startLsn()
              + " to "
              + store.log().endLsn());
      return ExitCode.NO;
    }
    ChainView view = new ChainView(transaction, entries);
    print(view.json(), view.text());
    return ExitCode.OK;
  }
}
