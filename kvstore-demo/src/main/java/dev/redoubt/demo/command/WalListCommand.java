package dev.redoubt.demo.command;

import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Text;
import dev.redoubt.recovery.Inspection;
import dev.redoubt.wal.LogSegment;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** {@code redoubt wal ls}. */
@Command(
    name = "ls",
    header = "List the segments of the log.",
    description = {
      "List the segment files of the log, oldest first: full ones, the current one, those made"
          + " ahead, spares. With --json one object a line. Works on a store that is closed,"
          + " crashed or open elsewhere, and writes nothing."
    })
final class WalListCommand extends InspectCommand {
  WalListCommand() {}

  @Override
  int run(Inspection store) {
    List<LogSegment> segments = LogSegment.of(store.log());
    if (json()) {
      segments.forEach(segment -> out().println(Json.of(json(segment))));
    } else {
      out().println(line("FILE", "INDEX", "FIRST LSN", "EPOCH", "SIZE", "STATE"));
      segments.forEach(segment -> out().println(line(segment)));
      out().println(total(store, segments));
    }
    out().flush();
    return ExitCode.OK;
  }

  private static Map<String, @Nullable Object> json(LogSegment segment) {
    return Json.object(
        "file", segment.file(),
        "index", known(segment.index()),
        "firstLsn", known(segment.firstLsn()),
        "epoch", known(segment.epoch()),
        "state", state(segment),
        "sizeBytes", segment.sizeBytes());
  }

  private static @Nullable Long known(long value) {
    return value < 0 ? null : value;
  }

  private static String state(LogSegment segment) {
    return segment.state().name().toLowerCase(Locale.ROOT);
  }

  private static String line(LogSegment segment) {
    return line(
        segment.file(),
        text(segment.index()),
        text(segment.firstLsn()),
        text(segment.epoch()),
        Text.bytes(segment.sizeBytes()),
        state(segment));
  }

  private static String text(long value) {
    return value < 0 ? "-" : Long.toString(value);
  }

  private static String line(
      String file, String index, String firstLsn, String epoch, String size, String state) {
    return Text.left(file, 26)
        + Text.right(index, 6)
        + Text.right(firstLsn, 15)
        + Text.right(epoch, 7)
        + Text.right(size, 12)
        + "  "
        + state;
  }

  private static String total(Inspection store, List<LogSegment> segments) {
    long bytes = segments.stream().mapToLong(LogSegment::sizeBytes).sum();
    return Text.count(segments.size(), "file")
        + ", "
        + Text.bytes(bytes)
        + "; records from LSN "
        + store.log().startLsn()
        + " to "
        + store.log().endLsn();
  }
}
