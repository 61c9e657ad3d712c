package dev.redoubt.demo.command;

import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Text;
import dev.redoubt.kv.PreparedTransaction;
import dev.redoubt.kv.Store;
import java.util.HexFormat;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code redoubt prepared}. */
@Command(
    name = "prepared",
    header = "List the transactions in doubt.",
    description = {
      "List the prepared transactions that await the decision of their coordinator: id, where their"
          + " log begins, and their global id in hexadecimal. With --json one object a line."
    })
final class PreparedCommand extends ReadCommand {
  PreparedCommand() {}

  @Override
  int run(Store store) {
    List<PreparedTransaction> found = store.listPrepared();
    if (!json()) {
      out().println(line("ID", "FIRST LSN", "GLOBAL ID"));
    }
    for (PreparedTransaction each : found) {
      String gtrid = HexFormat.of().formatHex(each.gtrid());
      print(
          Json.object("transaction", each.id(), "firstLsn", each.firstLsn(), "globalId", gtrid),
          line(Long.toString(each.id()), Long.toString(each.firstLsn()), gtrid));
    }
    if (!json()) {
      out().println(Text.count(found.size(), "transaction"));
    }
    out().flush();
    return ExitCode.OK;
  }

  private static String line(String id, String firstLsn, String gtrid) {
    return Text.right(id, 12) + Text.right(firstLsn, 15) + "  " + gtrid;
  }
}
