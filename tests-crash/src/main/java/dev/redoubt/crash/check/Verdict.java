package dev.redoubt.crash.check;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a checker says.
 *
 * @param transactions how many were looked at
 * @param anomalies what is wrong; empty if nothing is
 * @param allowed anomalies that were found and that the consistency promised allows
 */
public record Verdict(int transactions, List<Anomaly> anomalies, List<Anomaly> allowed) {
  /** Keeps copies. */
  public Verdict {
    anomalies = List.copyOf(anomalies);
    allowed = List.copyOf(allowed);
  }

  /** Nothing is wrong. */
  public static Verdict good(int transactions) {
    return new Verdict(transactions, List.of(), List.of());
  }

  /** These are wrong. */
  public static Verdict of(int transactions, List<Anomaly> anomalies) {
    return new Verdict(transactions, anomalies, List.of());
  }

  /** Whether nothing is wrong. */
  public boolean ok() {
    return anomalies.isEmpty();
  }

  /** Whether an anomaly of that kind is among those that are wrong. */
  public boolean has(AnomalyKind kind) {
    return anomalies.stream().anyMatch(a -> a.kind() == kind);
  }

  /** This verdict and another one about the same history. */
  public Verdict and(Verdict other) {
    List<Anomaly> wrong = new ArrayList<>(anomalies);
    wrong.addAll(other.anomalies);
    List<Anomaly> let = new ArrayList<>(allowed);
    let.addAll(other.allowed);
    return new Verdict(Math.max(transactions, other.transactions), wrong, let);
  }

  /**
   * Fails unless nothing is wrong.
   *
   * @throws AssertionError that tells all anomalies
   */
  public void orThrow() {
    if (!ok()) {
      throw new AssertionError(this);
    }
  }

  @Override
  public String toString() {
    return ok()
        ? transactions + " transactions, nothing wrong"
        : anomalies.stream()
            .map(Anomaly::toString)
            .collect(
                Collectors.joining(
                    "\n",
                    anomalies.size() + " anomalies in " + transactions + " transactions:\n",
                    ""));
  }
}
