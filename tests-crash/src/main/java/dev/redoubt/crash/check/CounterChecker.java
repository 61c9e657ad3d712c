package dev.redoubt.crash.check;

import dev.redoubt.crash.history.History;
import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Transaction;
import dev.redoubt.crash.history.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Counters that only grow, each from 0, by transactions of their own: a read is at least what was
 * acknowledged before it began and at most what was begun before it ended, and of two reads one
 * after the other the later one is not smaller.
 */
public final class CounterChecker implements Checker {
  private static final int TOLD = 8;

  private record Moment(long at, long delta) {}

  private record Seen(Transaction txn, long value) {}

  private static final class Counter {
    final List<Moment> acknowledged = new ArrayList<>();
    final List<Moment> begun = new ArrayList<>();
    final List<Seen> reads = new ArrayList<>();
  }

  /** Judges all keys that were added to. */
  public CounterChecker() {}

  @Override
  public String name() {
    return "counter";
  }

  @Override
  public Verdict check(History history) {
    Map<String, Counter> counters = new HashMap<>();
    for (Transaction txn : history.transactions()) {
      if (!txn.isAborted()) {
        collectAdds(txn, counters);
      }
    }
    for (Transaction txn : history.transactions()) {
      if (txn.isAcknowledged()) {
        collectReads(txn, counters);
      }
    }
    List<Anomaly> anomalies = new ArrayList<>();
    counters.forEach((key, counter) -> judge(key, counter, anomalies));
    return Verdict.of(history.transactions().size(), anomalies);
  }

  private static void collectAdds(Transaction txn, Map<String, Counter> counters) {
    for (int i = 0; i < txn.steps().size(); i++) {
      if (txn.steps().get(i) instanceof MicroOp.Add(String key, long delta) && !txn.isUndone(i)) {
        Counter counter = counters.computeIfAbsent(key, _ -> new Counter());
        counter.begun.add(new Moment(txn.began(), delta));
        if (txn.isAcknowledged()) {
          counter.acknowledged.add(new Moment(txn.ended(), delta));
        }
      }
    }
  }

  private static void collectReads(Transaction txn, Map<String, Counter> counters) {
    if (txn.steps().stream().anyMatch(s -> s instanceof MicroOp.Add)) {
      return; // it may have read its own
    }
    for (MicroOp step : txn.steps()) {
      if (step instanceof MicroOp.Read(String key, Value found) && counters.containsKey(key)) {
        counters.get(key).reads.add(new Seen(txn, number(found)));
      } else if (step instanceof MicroOp.Scan scan && scan.found() != null) {
        Map<String, Value> found = new HashMap<>();
        scan.found().forEach(e -> found.put(e.key(), e.value()));
        counters.forEach(
            (key, counter) -> {
              if (scan.covers(key)) {
                counter.reads.add(new Seen(txn, number(found.get(key))));
              }
            });
      }
    }
  }

  private static long number(@Nullable Value value) {
    return value instanceof Value.Single(long number) ? number : 0;
  }

  private static void judge(String key, Counter counter, List<Anomaly> anomalies) {
    long[] least = bounds(counter.acknowledged, counter.reads, Transaction::began);
    long[] most = bounds(counter.begun, counter.reads, Transaction::ended);
    for (int i = 0; i < counter.reads.size() && anomalies.size() < TOLD; i++) {
      Seen read = counter.reads.get(i);
      if (read.value() < least[i] || read.value() > most[i]) {
        boolean lost = read.value() < least[i] && read.txn().f().equals(History.FINAL_READ);
        anomalies.add(
            new Anomaly(
                lost ? AnomalyKind.LOST_WRITE : AnomalyKind.COUNTER,
                key
                    + " was read as "
                    + read.value()
                    + ", possible are "
                    + least[i]
                    + " to "
                    + most[i],
                List.of(read.txn())));
      }
    }
    findShrinking(key, counter.reads, anomalies);
  }

  /** For each read the sum of what happened before a moment of it. */
  private static long[] bounds(
      List<Moment> moments, List<Seen> reads, ToLongFunction<Transaction> momentOf) {
    List<Moment> sorted = moments.stream().sorted(Comparator.comparingLong(Moment::at)).toList();
    Integer[] order = new Integer[reads.size()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingLong(i -> momentOf.applyAsLong(reads.get(i).txn())));
    long[] sums = new long[reads.size()];
    long sum = 0;
    int next = 0;
    for (int i : order) {
      long moment = momentOf.applyAsLong(reads.get(i).txn());
      for (; next < sorted.size() && sorted.get(next).at() < moment; next++) {
        sum += sorted.get(next).delta();
      }
      sums[i] = sum;
    }
    return sums;
  }

  private static void findShrinking(String key, List<Seen> reads, List<Anomaly> anomalies) {
    List<Seen> byEnd =
        reads.stream().sorted(Comparator.comparingLong((Seen r) -> r.txn().ended())).toList();
    int ended = 0;
    Seen largest = null;
    for (Seen read : reads) { // in the order of their invocations
      for (; ended < byEnd.size() && byEnd.get(ended).txn().ended() < read.txn().began(); ended++) {
        Seen before = byEnd.get(ended);
        largest = largest == null || before.value() > largest.value() ? before : largest;
      }
      if (largest != null && read.value() < largest.value() && anomalies.size() < TOLD) {
        anomalies.add(
            new Anomaly(
                AnomalyKind.COUNTER,
                key + " was read as " + largest.value() + " and later as " + read.value(),
                List.of(largest.txn(), read.txn())));
      }
    }
  }
}
