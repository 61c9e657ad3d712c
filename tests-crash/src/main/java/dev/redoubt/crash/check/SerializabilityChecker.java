package dev.redoubt.crash.check;

import dev.redoubt.crash.history.History;
import dev.redoubt.crash.history.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Judges isolation by dependency cycles. The history appends unique numbers to lists, and reads
 * lists by key and by range, so that each read tells the order of all writes before it; registers
 * count too if each write sets a number one above the one read.
 *
 * <p>Steps: (1) collect who wrote and saw what; (2) order the versions of each key; (3) draw the
 * write, read and anti-dependencies, and real time; (4) look for cycles. A history in which none is
 * found is strictly serializable, as far as the reads can tell.
 *
 * <p><b>Differences from Elle</b>: a range read is a read of every key in its range, so a key that
 * it did not find is a phantom's anti-dependency; a cycle of anti-dependencies that are apart has
 * its own search, exact for snapshot isolation; real-time edges are never mixed with the names of
 * cycles that need none.
 */
public final class SerializabilityChecker implements Checker {
  /** Anomalies told of each kind. */
  private static final int TOLD = 8;

  private final Consistency consistency;
  private final boolean numberedRegisters;

  private SerializabilityChecker(Consistency consistency, boolean numberedRegisters) {
    this.consistency = consistency;
    this.numberedRegisters = numberedRegisters;
  }

  /** For histories that append to lists. */
  public static SerializabilityChecker ofLists(Consistency consistency) {
    return new SerializabilityChecker(consistency, false);
  }

  /**
   * For histories whose registers are only ever set to one above what the same transaction read.
   */
  public static SerializabilityChecker ofListsAndNumberedRegisters(Consistency consistency) {
    return new SerializabilityChecker(consistency, true);
  }

  @Override
  public String name() {
    return consistency.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public Verdict check(History history) {
    Observations observed = new Observations(history);
    VersionOrders versions = new VersionOrders(observed, numberedRegisters);
    List<Transaction> all = history.transactions();
    DependencyGraph graph = new DependencyGraph(all.size());
    versions.orders().forEach(order -> order.addTo(graph));
    RealTime.addTo(graph, all.stream().filter(t -> observed.isCommitted(t.id())).toList());
    List<Anomaly> found = new ArrayList<>(observed.anomalies());
    found.addAll(versions.anomalies());
    found.addAll(new CycleSearch(graph, all, observed.names()).run());
    return verdict(all.size(), found);
  }

  private Verdict verdict(int transactions, List<Anomaly> found) {
    Map<AnomalyKind, Integer> told = new HashMap<>();
    List<Anomaly> wrong = new ArrayList<>();
    List<Anomaly> allowed = new ArrayList<>();
    for (Anomaly anomaly : found) {
      if (told.merge(anomaly.kind(), 1, Integer::sum) <= TOLD) {
        (consistency.forbids(anomaly.kind()) ? wrong : allowed).add(anomaly);
      }
    }
    return new Verdict(transactions, wrong, allowed);
  }
}
