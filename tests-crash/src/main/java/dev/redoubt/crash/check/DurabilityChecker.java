package dev.redoubt.crash.check;

import dev.redoubt.crash.history.Elements;
import dev.redoubt.crash.history.History;
import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Transaction;
import dev.redoubt.crash.history.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Judges the final read of every key: each acknowledged commit is there, nothing that was rolled
 * back is, and of a transaction of unknown outcome all is there or nothing. A serializability
 * checker alone does not see a lost commit that nobody reads again.
 *
 * <p>Appended numbers are looked for in their lists. A key that only one transaction wrote must
 * hold its value; one that several wrote must hold the value of one that was not followed, in real
 * time, by another acknowledged one.
 */
public final class DurabilityChecker implements Checker {
  private static final int TOLD = 16;

  /** Judges by the last final read. */
  public DurabilityChecker() {}

  @Override
  public String name() {
    return "durability";
  }

  @Override
  public Verdict check(History history) {
    int size = history.transactions().size();
    List<Transaction> finals = history.finalReads();
    if (finals.isEmpty()) {
      return Verdict.of(
          size,
          List.of(
              new Anomaly(
                  AnomalyKind.UNKNOWN,
                  "no operation named " + History.FINAL_READ + " was answered",
                  List.of())));
    }
    return Verdict.of(size, new Judgement(history, finals.getLast()).run());
  }

  /** One final read and all that was written before it. */
  private static final class Judgement {
    private final History history;
    private final Transaction last;
    private final Map<String, Value> found = new HashMap<>();
    private final Map<String, List<Transaction>> setters = new HashMap<>();
    private final List<Anomaly> anomalies = new ArrayList<>();

    Judgement(History history, Transaction last) {
      this.history = history;
      this.last = last;
    }

    List<Anomaly> run() {
      for (MicroOp step : last.steps()) {
        if (step instanceof MicroOp.Scan scan && scan.found() != null) {
          scan.found().forEach(e -> found.put(e.key(), e.value()));
        } else if (step instanceof MicroOp.Read(String key, Value value) && value != null) {
          found.put(key, value);
        }
      }
      for (Transaction txn : history.transactions()) {
        for (String key : lastValues(txn).keySet()) {
          setters.computeIfAbsent(key, _ -> new ArrayList<>()).add(txn);
        }
      }
      history.transactions().forEach(this::judge);
      setters.forEach(this::judgeRegister);
      return anomalies;
    }

    private static Map<String, Long> lastValues(Transaction txn) {
      Map<String, Long> values = new HashMap<>();
      for (int i = 0; i < txn.steps().size(); i++) {
        if (!txn.isUndone(i) && txn.steps().get(i) instanceof MicroOp.Write(String k, long v)) {
          values.put(k, v);
        }
      }
      return values;
    }

    /** Counts which of its writes are there, of those that only it can have made. */
    private void judge(Transaction txn) {
      List<String> there = new ArrayList<>();
      List<String> missing = new ArrayList<>();
      for (int i = 0; i < txn.steps().size(); i++) {
        if (txn.steps().get(i) instanceof MicroOp.Append(String key, long element)) {
          boolean shown = found.get(key) instanceof Elements list && list.contains(element);
          if (txn.isUndone(i)) {
            if (shown) {
              wrong(AnomalyKind.G1A, key + " has " + element + ", undone by a savepoint", txn);
            }
          } else {
            (shown ? there : missing).add(key + ":" + element);
          }
        }
      }
      lastValues(txn)
          .forEach(
              (key, value) -> {
                if (onlySetter(key)) {
                  (Value.of(value).equals(found.get(key)) ? there : missing).add(key + "=" + value);
                }
              });
      judge(txn, there, missing);
    }

    private void judge(Transaction txn, List<String> there, List<String> missing) {
      if (!there.isEmpty() && txn.isAborted()) {
        wrong(AnomalyKind.G1A, there + " of a transaction that was rolled back", txn);
      } else if (!there.isEmpty() && !missing.isEmpty()) {
        wrong(AnomalyKind.HALF, there + " are there, " + missing + " are not", txn);
      }
      if (!missing.isEmpty() && txn.isAcknowledged()) {
        wrong(AnomalyKind.LOST_WRITE, missing + " are not there at the end", txn);
      }
    }

    private boolean onlySetter(String key) {
      List<Transaction> all = setters.get(key);
      return all != null && all.size() == 1;
    }

    private void judgeRegister(String key, List<Transaction> all) {
      if (all.size() == 1) {
        return; // judged with its transaction
      }
      Value end = found.get(key);
      List<Transaction> acknowledged = all.stream().filter(Transaction::isAcknowledged).toList();
      List<Transaction> writers = all.stream().filter(t -> wrote(t, key, end)).toList();
      if (writers.isEmpty() && (end != null || !acknowledged.isEmpty())) {
        boolean lost = end == null;
        wrong(
            lost ? AnomalyKind.LOST_WRITE : AnomalyKind.GARBAGE,
            key
                + " is "
                + end
                + " at the end, though "
                + (lost ? "it was written" : "nobody left it so"),
            lost ? acknowledged.getLast() : null);
        return;
      }
      boolean possible =
          writers.stream()
              .anyMatch(
                  w ->
                      !w.isAborted()
                          && acknowledged.stream().noneMatch(a -> a.began() > w.ended()));
      if (end != null && !possible) {
        boolean aborted = writers.stream().allMatch(Transaction::isAborted);
        wrong(
            aborted ? AnomalyKind.G1A : AnomalyKind.LOST_WRITE,
            key
                + " is "
                + end
                + " at the end, "
                + (aborted ? "which was rolled back" : "an old value: a later write is lost"),
            writers.getFirst());
      }
    }

    private static boolean wrote(Transaction txn, String key, @Nullable Value value) {
      Long last = lastValues(txn).get(key);
      return last != null && Value.of(last).equals(value);
    }

    private void wrong(AnomalyKind kind, String story, @Nullable Transaction txn) {
      if (anomalies.size() < TOLD) {
        String who = txn == null ? "" : "T" + txn.id() + ": ";
        anomalies.add(new Anomaly(kind, who + story, txn == null ? List.of() : List.of(txn)));
      }
    }
  }
}
