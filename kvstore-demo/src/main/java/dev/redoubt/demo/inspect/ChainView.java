package dev.redoubt.demo.inspect;

import dev.redoubt.demo.output.Json;
import dev.redoubt.demo.output.Text;
import dev.redoubt.recovery.LogEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The back chain of a transaction (ARIES §4.1: prevLSN and undoNextLSN), newest record first, as
 * undo would walk it.
 *
 * @param transactionId the transaction
 * @param entries its records in the log that is kept, oldest first, at least one
 */
public record ChainView(long transactionId, List<LogEntry> entries) {
  private static final int DESCRIPTION_WIDTH = 80;

  /** What became of the transaction, as far as the log says. */
  public String outcome() {
    String outcome = "open";
    for (LogEntry entry : entries) {
      outcome =
          switch (entry.type()) {
            case "commit" -> "committed";
            case "prepare" -> "in doubt";
            case "abort" -> "rolling back";
            case "end" -> outcome.equals("committed") ? outcome : "rolled back";
            default -> outcome;
          };
    }
    return outcome;
  }

  /** Whether the beginning of the chain has been recycled. */
  public boolean cutOff() {
    return entries.getFirst().prevLsn() != 0;
  }

  /** LSN of each undone record to that of its CLR. */
  private Map<Long, Long> undone() {
    Map<Long, Long> undone = new HashMap<>();
    List<LogEntry> open = new ArrayList<>();
    for (LogEntry entry : entries) {
      if (entry.type().equals("update")) {
        open.add(entry);
      } else if (entry.type().equals("clr") && !open.isEmpty()) {
        // A CLR compensates the newest update left: its undoNextLSN is that one's prevLSN.
        undone.put(open.removeLast().lsn(), entry.lsn());
      }
    }
    return undone;
  }

  /** Lines of text. */
  public String text() {
    Map<Long, Long> undone = undone();
    StringBuilder text = new StringBuilder();
    text.append("transaction ").append(transactionId).append(": ").append(outcome());
    text.append(", ").append(Text.count(entries.size(), "record"));
    text.append(", ")
        .append(Text.bytes(entries.stream().mapToLong(LogEntry::sizeBytes).sum()))
        .append('\n');
    text.append(line("LSN", " ", "TYPE", "PREVLSN", "UNDONEXT", "WHAT")).append('\n');
    for (LogEntry entry : entries.reversed()) {
      Long clr = undone.get(entry.lsn());
      text.append(
              line(
                  Long.toString(entry.lsn()),
                  clr == null ? "●" : "○",
                  entry.type(),
                  entry.prevLsn() == 0 ? "-" : Long.toString(entry.prevLsn()),
                  isCompensation(entry) ? Long.toString(entry.undoNextLsn()) : "-",
                  (clr == null ? "" : "[undone at " + clr + "] ") + description(entry)))
          .append('\n');
    }
    if (cutOff()) {
      text.append(line("...", " ", "older records have been recycled", "", "", "")).append('\n');
    }
    return text.toString();
  }

  private static String line(
      String lsn, String mark, String type, String prevLsn, String undoNext, String what) {
    return (Text.right(lsn, 12)
            + "  "
            + mark
            + " "
            + Text.left(type, 21)
            + Text.right(prevLsn, 12)
            + Text.right(undoNext, 12)
            + "  "
            + (what.length() <= DESCRIPTION_WIDTH
                ? what
                : what.substring(0, DESCRIPTION_WIDTH - 3) + "..."))
        .stripTrailing();
  }

  private static boolean isCompensation(LogEntry entry) {
    return entry.type().equals("clr") || entry.type().equals("nested-top-action-end");
  }

  private static String description(LogEntry entry) {
    return entry.pages().isEmpty()
        ? entry.detail()
        : entry.pages().stream()
            .map(page -> "page " + page.pageId() + ": " + page.description())
            .collect(Collectors.joining("; "));
  }

  /** The same as a JSON object. */
  public Map<String, @Nullable Object> json() {
    Map<Long, Long> undone = undone();
    List<Map<String, @Nullable Object>> chain = new ArrayList<>();
    for (LogEntry entry : entries.reversed()) {
      Map<String, @Nullable Object> members = new RecordView(entry).json();
      members.put("undoneAtLsn", undone.get(entry.lsn()));
      chain.add(members);
    }
    return Json.object(
        "transaction", transactionId, "outcome", outcome(), "cutOff", cutOff(), "chain", chain);
  }
}
