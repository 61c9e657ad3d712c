package dev.redoubt.crash.check;

import dev.redoubt.crash.history.Transaction;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Something that must not happen, and did.
 *
 * @param kind its name
 * @param story what happened, in words
 * @param involved the transactions that show it; for a cycle in its order
 */
public record Anomaly(AnomalyKind kind, String story, List<Transaction> involved) {
  /** Keeps a copy. */
  public Anomaly {
    involved = List.copyOf(involved);
  }

  @Override
  public String toString() {
    return involved.stream()
        .map(t -> "\n    T" + t.id() + ": " + t)
        .collect(Collectors.joining("", kind + ": " + story, ""));
  }
}
