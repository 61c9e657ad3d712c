package dev.redoubt.kv;

import java.util.List;

/**
 * What {@link Store#verify} found.
 *
 * @param pages pages read
 * @param trees trees walked
 * @param entries entries counted in them
 * @param logRecords log records read
 * @param problems one line each: place, what was expected, what was found; empty if all is well
 */
public record VerifyReport(
    long pages, int trees, long entries, long logRecords, List<String> problems) {
  public boolean ok() {
    return problems.isEmpty();
  }
}
