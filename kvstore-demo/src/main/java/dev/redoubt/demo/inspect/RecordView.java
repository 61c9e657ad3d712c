package dev.redoubt.demo.inspect;

import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Text;
import dev.redoubt.recovery.LogEntry;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A log record for people.
 *
 * @param entry the record
 */
public record RecordView(LogEntry entry) {
  private static final int PAGES_SHOWN = 3;
  private static final int DESCRIPTION_WIDTH = 100;

  /** The heads of the columns of {@link #line}. */
  public static String heads() {
    return line(
        List.of(
            "LSN",
            "TYPE",
            "TX",
            "PREVLSN",
            "UNDONEXTLSN",
            "SIZE",
            "PAGE@PREVPAGELSN",
            "DESCRIPTION"));
  }

  /** One line; columns as in {@link #heads}, {@code -} where the record has no such field. */
  public String line() {
    return line(
        List.of(
            Long.toString(entry.lsn()),
            entry.type(),
            number(transactionId()),
            number(prevLsn()),
            number(undoNextLsn()),
            Integer.toString(entry.sizeBytes()),
            pages(),
            shorten(description())));
  }

  private static String line(List<String> fields) {
    return String.join(
            " ",
            Text.right(fields.get(0), 12),
            "",
            Text.left(fields.get(1), 17),
            Text.right(fields.get(2), 6),
            Text.right(fields.get(3), 12),
            Text.right(fields.get(4), 12),
            Text.right(fields.get(5), 6),
            "",
            Text.left(fields.get(6), 20),
            "",
            fields.get(7))
        .stripTrailing();
  }

  /** The same as a JSON object; null where the record has no such field. */
  public Map<String, @Nullable Object> json() {
    return Json.object(
        "lsn", entry.lsn(),
        "type", entry.type(),
        "transaction", transactionId(),
        "prevLsn", prevLsn(),
        "undoNextLsn", undoNextLsn(),
        "sizeBytes", entry.sizeBytes(),
        "pages", entry.pages().stream().map(RecordView::json).toList(),
        "detail", entry.detail());
  }

  private static Map<String, @Nullable Object> json(LogEntry.Page page) {
    return Json.object(
        "page", page.pageId(),
        "prevPageLsn", page.prevPageLsn(),
        "manager", page.manager(),
        "format", page.format(),
        "description", page.description());
  }

  private @Nullable Long transactionId() {
    return entry.transactionId() == 0 ? null : entry.transactionId();
  }

  private @Nullable Long prevLsn() {
    return entry.transactionId() == 0 ? null : entry.prevLsn();
  }

  private @Nullable Long undoNextLsn() {
    boolean has = entry.type().equals("clr") || entry.type().equals("nested-top-action-end");
    return has ? entry.undoNextLsn() : null;
  }

  private String pages() {
    if (entry.pages().isEmpty()) {
      return "-";
    }
    String shown =
        entry.pages().stream()
            .limit(PAGES_SHOWN)
            .map(page -> page.pageId() + "@" + page.prevPageLsn())
            .collect(Collectors.joining(","));
    int more = entry.pages().size() - PAGES_SHOWN;
    return more > 0 ? shown + ",+" + more : shown;
  }

  private String description() {
    return entry.pages().isEmpty()
        ? entry.detail()
        : entry.pages().stream()
            .map(page -> page.manager() + ": " + page.description())
            .collect(Collectors.joining("; "));
  }

  private static String number(@Nullable Long value) {
    return value == null ? "-" : value.toString();
  }

  private static String shorten(String text) {
    return text.length() <= DESCRIPTION_WIDTH
        ? text
        : text.substring(0, DESCRIPTION_WIDTH - 3) + "...";
  }
}
