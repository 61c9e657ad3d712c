package dev.redoubt.demo.inspect;

import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Text;
import dev.redoubt.recovery.LogEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records and bytes of a log by type. Confined to one thread. */
public final class LogCounts {
  private static final class Count {
    private long records;
    private long bytes;
  }

  private final Map<String, Count> byType = new LinkedHashMap<>();
  private long records;
  private long bytes;

  public LogCounts() {
    // In the order in which types are always named.
    LogFilter.TYPES.forEach(type -> byType.put(type, new Count()));
  }

  /** Counts a record. */
  public void add(LogEntry entry) {
    Count count = byType.computeIfAbsent(entry.type(), type -> new Count());
    count.records++;
    count.bytes += entry.sizeBytes();
    records++;
    bytes += entry.sizeBytes();
  }

  /** A line for each type that occurs, and their sum. */
  public String text() {
    StringBuilder text = new StringBuilder(line("TYPE", "RECORDS", "BYTES", "SHARE", "EACH"));
    byType.forEach(
        (type, count) -> {
          if (count.records > 0) {
            text.append(line(type, count.records, count.bytes));
          }
        });
    return text.append(line("all", records, bytes)).toString();
  }

  private String line(String type, long count, long size) {
    String share = String.format(Locale.ROOT, "%.1f %%", 100.0 * size / Math.max(1, bytes));
    return line(
        type,
        Text.count(count),
        Text.bytes(size),
        share,
        Text.bytes(Math.round((double) size / Math.max(1, count))));
  }

  private static String line(String type, String count, String size, String share, String each) {
    return Text.left(type, 22)
        + Text.right(count, 12)
        + Text.right(size, 12)
        + Text.right(share, 10)
        + Text.right(each, 12)
        + "\n";
  }

  /** The types that occur, each with its records and bytes. */
  public List<Map<String, @Nullable Object>> json() {
    List<Map<String, @Nullable Object>> types = new ArrayList<>();
    byType.forEach(
        (type, count) -> {
          if (count.records > 0) {
            types.add(Json.object("type", type, "records", count.records, "bytes", count.bytes));
          }
        });
    return types;
  }
}
