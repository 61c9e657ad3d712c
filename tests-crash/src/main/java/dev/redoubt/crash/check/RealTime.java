package dev.redoubt.crash.check;

import dev.redoubt.crash.history.Transaction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The edges of real time: from each transaction to those that were begun after it was acknowledged.
 * Only those are added that do not follow from others, about as many for each transaction as there
 * are clients.
 */
final class RealTime {
  private RealTime() {}

  /** For committed transactions, in the order of their ids, which are their nodes. */
  static void addTo(DependencyGraph graph, List<Transaction> nodes) {
    List<Transaction> ends =
        nodes.stream()
            .filter(t -> t.ended() != Long.MAX_VALUE)
            .sorted(Comparator.comparingLong(Transaction::ended))
            .toList();
    int ended = 0;
    List<Transaction> frontier = new ArrayList<>();
    for (Transaction beginning : nodes) { // in the order of their invocations
      for (; ended < ends.size() && ends.get(ended).ended() < beginning.began(); ended++) {
        Transaction end = ends.get(ended);
        frontier.removeIf(t -> t.ended() < end.began());
        frontier.add(end);
      }
      for (Transaction before : frontier) {
        graph.add(before.id(), beginning.id(), Dependency.REALTIME, DependencyGraph.NO_KEY);
      }
    }
  }
}
