package dev.redoubt.crash.check;

import dev.redoubt.crash.history.History;
import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A set whose elements are keys, added once each and never removed, read by range: a read shows all
 * that was acknowledged before it began, and nothing that was rolled back or nobody added. The
 * final read shows every acknowledged element.
 *
 * @param from first key of the elements
 * @param to the key behind the last one
 */
public record SetChecker(String from, String to) implements Checker {
  private static final int TOLD = 8;

  @Override
  public String name() {
    return "set";
  }

  @Override
  public Verdict check(History history) {
    Map<String, Transaction> adders = new HashMap<>();
    for (Transaction txn : history.transactions()) {
      for (MicroOp step : txn.steps()) {
        if (step instanceof MicroOp.Write(String key, long _) && isElement(key)) {
          adders.put(key, txn);
        }
      }
    }
    List<Anomaly> anomalies = new ArrayList<>();
    for (Transaction txn : history.transactions()) {
      for (MicroOp step : txn.isAcknowledged() ? txn.steps() : List.<MicroOp>of()) {
        if (step instanceof MicroOp.Scan scan && anomalies.size() < TOLD) {
          judge(txn, scan, adders, anomalies);
        }
      }
    }
    return Verdict.of(history.transactions().size(), anomalies);
  }

  private boolean isElement(String key) {
    return key.compareTo(from) >= 0 && key.compareTo(to) < 0;
  }

  private void judge(
      Transaction reader,
      MicroOp.Scan scan,
      Map<String, Transaction> adders,
      List<Anomaly> anomalies) {
    Set<String> shown = new HashSet<>();
    List<MicroOp.Entry> found = scan.found();
    for (MicroOp.Entry entry : found == null ? List.<MicroOp.Entry>of() : found) {
      shown.add(entry.key());
      Transaction adder = adders.get(entry.key());
      if (isElement(entry.key()) && (adder == null || adder.isAborted())) {
        anomalies.add(
            adder == null
                ? anomaly(AnomalyKind.GARBAGE, entry.key() + ", which nobody added", reader)
                : anomaly(AnomalyKind.G1A, entry.key() + ", rolled back", reader, adder));
      }
    }
    boolean last = reader.f().equals(History.FINAL_READ);
    adders.forEach(
        (key, adder) -> {
          boolean due = adder.isAcknowledged() && adder.ended() < reader.began();
          if (due && scan.covers(key) && !shown.contains(key) && anomalies.size() < TOLD) {
            anomalies.add(
                anomaly(
                    last ? AnomalyKind.LOST_WRITE : AnomalyKind.G_SINGLE_REALTIME,
                    "no " + key + ", acknowledged before",
                    reader,
                    adder));
          }
        });
  }

  private static Anomaly anomaly(AnomalyKind kind, String what, Transaction... involved) {
    return new Anomaly(kind, "T" + involved[0].id() + " saw " + what, List.of(involved));
  }
}
