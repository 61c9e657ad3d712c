package dev.redoubt.demo.command;

import dev.redoubt.demo.inspect.LogFilter;
import dev.redoubt.demo.inspect.RecordView;
import dev.redoubt.demo.output.InputException;
import dev.redoubt.demo.output.Json;
import dev.redoubt.recovery.Inspection;
import dev.redoubt.recovery.LogEntry;
import dev.redoubt.wal.Log;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code redoubt wal dump}. */
@Command(
    name = "dump",
    header = "Print the records of the log.",
    description = {
      "Print the records of the log, one a line; all conditions given hold together. With --json"
          + " one object a line. Works on a store that is closed or crashed, and writes nothing."
    })
final class WalDumpCommand extends InspectCommand {
  private static final int CHECK_LINES = 1000;

  @Option(names = "--from", paramLabel = "LSN", description = "First LSN, included.")
  private @Nullable Long from;

  @Option(names = "--to", paramLabel = "LSN", description = "Last LSN, left out.")
  private @Nullable Long to;

  @Option(names = "--tx", paramLabel = "ID", description = "Only records of this transaction.")
  private @Nullable Long transaction;

  @Option(names = "--page", paramLabel = "N", description = "Only records that change this page.")
  private @Nullable Long page;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      split = ",",
      description = {
        "Only records of these types: update, nested-update, clr, structure-change,"
            + " nested-top-action-end, commit, abort, end, prepare, begin-checkpoint,"
            + " checkpoint-tables, end-checkpoint."
      })
  private List<String> types = List.of();

  @Option(names = "--limit", paramLabel = "N", description = "At most so many records.")
  private @Nullable Long limit;

  private long printed;

  WalDumpCommand() {}

  @Override
  int run(Inspection store) {
    Log log = store.log();
    LogFilter filter =
        new LogFilter(
            Math.max(from == null ? 0 : notNegative("--from", from), log.startLsn()),
            to == null ? Long.MAX_VALUE : notNegative("--to", to),
            transaction,
            page,
            types(types));
    if (!json()) {
      out().println(RecordView.heads());
    }
    if (filter.fromLsn() < log.endLsn()) {
      dump(store, filter);
    }
    out().flush();
    return ExitCode.OK;
  }

  private void dump(Inspection store, LogFilter filter) {
    long most = limit == null ? Long.MAX_VALUE : notNegative("--limit", limit);
    if (most > 0) {
      store.dump().forEach(filter.fromLsn(), entry -> print(entry, filter, most));
    }
  }

  /** Returns whether more are wanted. */
  private boolean print(LogEntry entry, LogFilter filter, long most) {
    if (entry.lsn() >= filter.toLsn()) {
      return false;
    }
    if (filter.takes(entry)) {
      RecordView view = new RecordView(entry);
      out().println(json() ? Json.of(view.json()) : view.line());
      printed++;
    }
    // checkError is how a PrintWriter says that the reader has gone (wal dump ... | head).
    return printed < most && (printed % CHECK_LINES != 0 || !out().checkError());
  }

  static Set<String> types(List<String> names) {
    Set<String> wanted = new HashSet<>();
    for (String name : names) {
      if (!LogFilter.TYPES.contains(name)) {
        String known = String.join(", ", LogFilter.TYPES);
        throw new InputException("usage", "--type does not know '" + name + "'; it takes " + known);
      }
      wanted.add(name);
    }
    return wanted;
  }

  private static long notNegative(String name, long value) {
    if (value < 0) {
      throw new InputException("usage", name + " " + value + "; at least 0");
    }
    return value;
  }
}
