package dev.redoubt.demo.inspect;

import dev.redoubt.recovery.LogEntry;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which records are wanted: those that meet every condition.
 *
 * @param fromLsn first LSN, included
 * @param toLsn last LSN, left out
 * @param transactionId only records of this transaction; null for all
 * @param pageId only records that change this page; null for all
 * @param types only records of these types; empty for all
 */
public record LogFilter(
    long fromLsn,
    long toLsn,
    @Nullable Long transactionId,
    @Nullable Long pageId,
    Set<String> types) {
  /** The types that there are. */
  public static final List<String> TYPES =
      List.of(
          "update",
          "nested-update",
          "clr",
          "structure-change",
          "nested-top-action-end",
          "commit",
          "abort",
          "end",
          "prepare",
          "begin-checkpoint",
          "checkpoint-tables",
          "end-checkpoint");

  /** Whether a record between the two LSNs is wanted. */
  public boolean takes(LogEntry entry) {
    return (types.isEmpty() || types.contains(entry.type()))
        && (transactionId == null || entry.transactionId() == transactionId)
        && (pageId == null || entry.pages().stream().anyMatch(page -> page.pageId() == pageId));
  }
}
