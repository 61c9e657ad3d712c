package dev.redoubt.crash.check;

import dev.redoubt.crash.history.History;
import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Transaction;
import dev.redoubt.crash.history.Value;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Registers, each for itself: is there an order of the reads and writes of one key, in agreement
 * with real time, in which every read returns the last write? Counts transactions of one step, a
 * read or a write of one key. A write of unknown outcome may be anywhere behind its beginning, or
 * nowhere.
 *
 * <p>Lowe, "Testing for Linearizability" (2017): a search that tries operations in real-time order
 * and never the same set with the same value twice.
 */
public final class LinearizabilityChecker implements Checker {
  /** Sets tried for one key before it is given up; reached only if very many operations overlap. */
  private static final int EFFORT = 2_000_000;

  private record Call(Transaction txn, boolean read, @Nullable Value value) {}

  private record Tried(BitSet done, @Nullable Value value) {}

  /** Judges all keys. */
  public LinearizabilityChecker() {}

  @Override
  public String name() {
    return "linearizable-register";
  }

  @Override
  public Verdict check(History history) {
    Map<String, List<Call>> byKey = new TreeMap<>();
    for (Transaction txn : history.transactions()) {
      if (txn.steps().size() == 1 && !txn.isAborted()) {
        switch (txn.steps().getFirst()) {
          case MicroOp.Read(String key, Value found) -> {
            if (txn.isAcknowledged()) {
              byKey.computeIfAbsent(key, _ -> new ArrayList<>()).add(new Call(txn, true, found));
            }
          }
          case MicroOp.Write(String key, long value) ->
              byKey
                  .computeIfAbsent(key, _ -> new ArrayList<>())
                  .add(new Call(txn, false, Value.of(value)));
          case MicroOp.Append _,
              MicroOp.Add _,
              MicroOp.Scan _,
              MicroOp.Savepoint _,
              MicroOp.RollbackTo _ -> {}
        }
      }
    }
    List<Anomaly> anomalies = new ArrayList<>();
    byKey.forEach((key, calls) -> new Search(key, calls).run(anomalies));
    return Verdict.of(history.transactions().size(), anomalies);
  }

  /** The search for one key. */
  private static final class Search {
    private final String key;
    private final List<Call> calls;
    private final BitSet done = new BitSet();
    private final Set<Tried> tried = new HashSet<>();
    private final List<Integer> order = new ArrayList<>();
    private final List<@Nullable Value> values = new ArrayList<>();
    private int mostDone;
    private @Nullable Call stuck;

    Search(String key, List<Call> calls) {
      this.key = key;
      this.calls = calls;
    }

    void run(List<Anomaly> anomalies) {
      Value value = null;
      int from = 0;
      while (!allDone()) {
        int next = next(from, value);
        if (next >= 0) {
          order.add(next);
          values.add(value);
          done.set(next);
          value = calls.get(next).read() ? value : calls.get(next).value();
          from = done.nextClearBit(0);
          continue;
        }
        if (order.isEmpty() || tried.size() > EFFORT) {
          tell(anomalies, tried.size() > EFFORT);
          return;
        }
        int back = order.removeLast();
        value = values.removeLast();
        done.clear(back);
        from = back + 1;
      }
    }

    private boolean allDone() {
      for (int i = done.nextClearBit(0); i < calls.size(); i = done.nextClearBit(i + 1)) {
        if (calls.get(i).txn().isAcknowledged()) {
          return false;
        }
      }
      return true;
    }

    /** The first call from there that may be next and leads to a set not tried; -1 if none. */
    private int next(int from, @Nullable Value value) {
      long deadline = Long.MAX_VALUE;
      for (int i = done.nextClearBit(0); i < calls.size(); i = done.nextClearBit(i + 1)) {
        Call call = calls.get(i);
        if (call.txn().began() > deadline) {
          return -1;
        }
        if (i >= from && mayBeNext(call, value) && isNew(i, call, value)) {
          return i;
        }
        if (call.txn().ended() < deadline) {
          deadline = call.txn().ended();
          if (done.cardinality() >= mostDone) {
            mostDone = done.cardinality();
            stuck = call;
          }
        }
      }
      return -1;
    }

    private static boolean mayBeNext(Call call, @Nullable Value value) {
      return !call.read() || Objects.equals(call.value(), value);
    }

    private boolean isNew(int i, Call call, @Nullable Value value) {
      BitSet with = (BitSet) done.clone();
      with.set(i);
      return tried.add(new Tried(with, call.read() ? value : call.value()));
    }

    private void tell(List<Anomaly> anomalies, boolean givenUp) {
      List<Transaction> about = stuck == null ? List.of() : List.of(stuck.txn());
      anomalies.add(
          new Anomaly(
              givenUp ? AnomalyKind.UNKNOWN : AnomalyKind.NOT_LINEARIZABLE,
              givenUp
                  ? key + ": too many operations overlap to try all their orders"
                  : key + ": no order of its " + calls.size() + " operations explains this one",
              about));
    }
  }
}
