package dev.redoubt.recovery;

import java.util.List;

/**
 * One log record as people and programs want to see it.
 *
 * @param lsn where it stands
 * @param sizeBytes length of its payload
 * @param type its type in kebab case, as in {@code update} or {@code begin-checkpoint}
 * @param transactionId its transaction; 0 if it has none
 * @param prevLsn the transaction's record before it; 0 if there is none
 * @param undoNextLsn of a compensation record or the end of a nested top action; else 0
 * @param pages what it changes
 * @param detail what else it says; empty if nothing
 */
public record LogEntry(
    long lsn,
    int sizeBytes,
    String type,
    long transactionId,
    long prevLsn,
    long undoNextLsn,
    List<Page> pages,
    String detail) {
  /**
   * One page's part.
   *
   * @param pageId the page
   * @param manager name of the resource manager, or its id if it is not registered
   * @param prevPageLsn version that the change was made against
   * @param format whether redo applies it to whatever is there
   * @param description the manager's words for the change
   */
  public record Page(
      long pageId, String manager, long prevPageLsn, boolean format, String description) {}
}
