package dev.redoubt.demo.command;

import dev.redoubt.demo.inspect.LogCounts;
import dev.redoubt.demo.inspect.PinsView;
import dev.redoubt.demo.output.Fields;
import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Text;
import dev.redoubt.recovery.Inspection;
import dev.redoubt.recovery.LogPin;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogSegment;
import dev.redoubt.wal.LogSlot;
import dev.redoubt.wal.LogUsage;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** {@code redoubt wal stats}. */
@Command(
    name = "stats",
    header = "Print what the log is spent on.",
    description = {
      "Print records and bytes by type, the share of padding, segments, watermark, and what keeps"
          + " the log from being recycled. Works on a store that is closed, crashed or open"
          + " elsewhere, and writes nothing."
    })
final class WalStatsCommand extends InspectCommand {
  WalStatsCommand() {}

  @Override
  int run(Inspection store) {
    Log log = store.log();
    LogCounts counts = new LogCounts();
    store
        .dump()
        .forEach(
            0,
            entry -> {
              counts.add(entry);
              return true;
            });
    LogUsage usage = LogUsage.of(log);
    List<LogSegment> segments = LogSegment.of(log);
    print(json(log, counts, usage, segments), text(log, counts, usage, segments));
    return ExitCode.OK;
  }

  private static String text(Log log, LogCounts counts, LogUsage usage, List<LogSegment> segments) {
    long spares = segments.stream().filter(s -> s.state() == LogSegment.State.SPARE).count();
    Fields fields =
        new Fields()
            .add("log kept", "LSN " + log.startLsn() + " to " + log.endLsn())
            .add("spent on", share("records", usage.recordBytes(), usage))
            .add("", share("headers", usage.headerBytes(), usage))
            .add("", share("padding", usage.paddingBytes(), usage))
            .add("", share("unused ends of segments", usage.unusedBytes(), usage))
            .add("batches", batches(usage))
            .add("segments", (segments.size() - spares) + ", and " + spares + " spare")
            .add("watermark", "LSN " + log.master().watermarkLsn() + " in the master record")
            .add("last checkpoint", "LSN " + log.master().checkpointLsn())
            .add("log is held by", PinsView.line(LogPin.of(log)));
    for (LogSlot slot : log.followers().slots()) {
      fields.add("slot " + slot.name(), slot(slot, log));
    }
    return counts.text() + "\n" + fields;
  }

  private static String batches(LogUsage usage) {
    return Text.count(usage.batches())
        + " ("
        + Text.count(usage.seals(), "seal")
        + "), "
        + String.format(
            Locale.ROOT,
            "%.1f records in each",
            usage.records() / (double) Math.max(1, usage.batches()));
  }

  private static String share(String what, long bytes, LogUsage usage) {
    double percent = 100.0 * bytes / Math.max(1, usage.totalBytes());
    return String.format(Locale.ROOT, "%5.1f %%  %s, %s", percent, what, Text.bytes(bytes));
  }

  private static String slot(LogSlot slot, Log log) {
    String state = slot.state().name().toLowerCase(Locale.ROOT);
    return slot.state() == LogSlot.State.DAMAGED
        ? state
        : state
            + ", confirmed to LSN "
            + slot.confirmedLsn()
            + ", behind by "
            + Text.bytes(log.endLsn() - slot.confirmedLsn())
            + " of "
            + Text.bytes(slot.maxRetainedBytes());
  }

  private static Map<String, @Nullable Object> json(
      Log log, LogCounts counts, LogUsage usage, List<LogSegment> segments) {
    return Json.object(
        "startLsn", log.startLsn(),
        "endLsn", log.endLsn(),
        "types", counts.json(),
        "usage", usage,
        "segments", segments.size(),
        "watermarkLsn", log.master().watermarkLsn(),
        "checkpointLsn", log.master().checkpointLsn(),
        "pins", LogPin.of(log),
        "slots", log.followers().slots().stream().map(WalStatsCommand::json).toList());
  }

  private static Map<String, @Nullable Object> json(LogSlot slot) {
    return Json.object(
        "name", slot.name(),
        "state", slot.state().name().toLowerCase(Locale.ROOT),
        "confirmedLsn", slot.confirmedLsn(),
        "maxRetainedBytes", slot.maxRetainedBytes());
  }
}
