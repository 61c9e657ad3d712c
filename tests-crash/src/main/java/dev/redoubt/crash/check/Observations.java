package dev.redoubt.crash.check;

import dev.redoubt.crash.history.Elements;
import dev.redoubt.crash.history.History;
import dev.redoubt.crash.history.MicroOp;
import dev.redoubt.crash.history.Transaction;
import dev.redoubt.crash.history.Value;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who wrote what and who saw what, key by key. Reads count of transactions that are committed:
 * those that were acknowledged, and those of unknown outcome of which a write was seen.
 */
final class Observations {
  private final List<Transaction> transactions;
  private final NavigableMap<String, KeyData> keys = new TreeMap<>();
  private final List<String> names = new ArrayList<>();
  private final BitSet committed = new BitSet();
  private final List<Anomaly> anomalies = new ArrayList<>();

  Observations(History history) {
    this.transactions = history.transactions();
    transactions.forEach(this::collectWrites);
    List<Transaction> unknown = new ArrayList<>();
    for (Transaction txn : transactions) {
      if (txn.isAcknowledged()) {
        committed.set(txn.id());
        collectReads(txn);
      } else if (!txn.isAborted()) {
        unknown.add(txn);
      }
    }
    boolean more = true;
    while (more) { // what one saw may show that another is committed
      more = unknown.removeIf(this::isSeen);
    }
  }

  /** The keys that were written, in order. */
  NavigableMap<String, KeyData> keys() {
    return keys;
  }

  /** Names of the keys by their index. */
  List<String> names() {
    return names;
  }

  boolean isCommitted(int txn) {
    return committed.get(txn);
  }

  List<Transaction> transactions() {
    return transactions;
  }

  Transaction transaction(int id) {
    return transactions.get(id);
  }

  /** What is wrong already: transactions that contradict themselves. */
  List<Anomaly> anomalies() {
    return anomalies;
  }

  private void collectWrites(Transaction txn) {
    List<MicroOp> steps = txn.steps();
    for (int i = 0; i < steps.size(); i++) {
      boolean undone = txn.isUndone(i);
      switch (steps.get(i)) {
        case MicroOp.Append(String key, long element) ->
            data(key).wrote(element, txn.id(), undone, true);
        case MicroOp.Write(String key, long value) ->
            data(key).wrote(value, txn.id(), undone, false);
        case MicroOp.Add _,
            MicroOp.Read _,
            MicroOp.Scan _,
            MicroOp.Savepoint _,
            MicroOp.RollbackTo _ -> {}
      }
    }
  }

  private KeyData data(String key) {
    KeyData data = keys.get(key);
    if (data == null) {
      data = new KeyData(key, names.size());
      names.add(key);
      keys.put(key, data);
    }
    return data;
  }

  /** Takes a transaction of unknown outcome for committed if a write of its own was seen. */
  private boolean isSeen(Transaction txn) {
    for (int i = 0; i < txn.steps().size(); i++) {
      if (!txn.isUndone(i)
          && txn.steps().get(i) instanceof MicroOp.Append(String key, long element)
          && sawElement(data(key), element)) {
        committed.set(txn.id());
        collectReads(txn);
        return true;
      }
    }
    return isSeenInARegister(txn);
  }

  private boolean isSeenInARegister(Transaction txn) {
    for (int i = 0; i < txn.steps().size(); i++) {
      if (!txn.isUndone(i)
          && txn.steps().get(i) instanceof MicroOp.Write(String key, long value)
          && data(key).writersOf(value).size() == 1
          && data(key).seen().stream().anyMatch(s -> Value.of(value).equals(s.value()))) {
        committed.set(txn.id());
        collectReads(txn);
        return true;
      }
    }
    return false;
  }

  private static boolean sawElement(KeyData data, long element) {
    for (KeyData.Seen seen : data.seen()) {
      if (seen.value() instanceof Elements elements && elements.contains(element)) {
        return true;
      }
    }
    return false;
  }

  private void collectReads(Transaction txn) {
    OwnWrites own = new OwnWrites();
    for (MicroOp step : txn.steps()) {
      if (step instanceof MicroOp.Read(String key, Value found)) {
        saw(txn, keys.get(key), found, own, false);
      } else if (step instanceof MicroOp.Scan scan && scan.found() != null) {
        scanned(txn, scan, own);
      }
      own.pass(step);
    }
  }

  private void scanned(Transaction txn, MicroOp.Scan scan, OwnWrites own) {
    Map<String, Value> found = new HashMap<>();
    String before = null;
    for (MicroOp.Entry entry : scan.found() == null ? List.<MicroOp.Entry>of() : scan.found()) {
      int order = before == null ? 1 : entry.key().compareTo(before);
      if (!scan.covers(entry.key()) || (before != null && (order < 0) != scan.descending())) {
        wrong(AnomalyKind.INTERNAL, "a range read came out of order at " + entry.key(), txn);
      }
      if (order == 0) {
        wrong(AnomalyKind.INTERNAL, "a range read shows " + entry.key() + " twice", txn);
      }
      before = entry.key();
      found.put(entry.key(), entry.value());
      if (!keys.containsKey(entry.key())) {
        saw(txn, null, entry.value(), own, true);
      }
    }
    for (KeyData data : keys.subMap(scan.from(), true, scan.to(), false).values()) {
      saw(txn, data, found.get(data.key()), own, true);
    }
  }

  private void saw(
      Transaction txn,
      @Nullable KeyData data,
      @Nullable Value found,
      OwnWrites own,
      boolean byRange) {
    if (data == null) {
      return; // a key that only increments touch, or nobody
    }
    List<Long> mine = own.of(data.key());
    if (data.isList()) {
      Elements all = found instanceof Elements elements ? elements : Elements.of();
      int others = all.size() - mine.size();
      if (others < 0 || !endsWith(all, mine)) {
        wrong(
            AnomalyKind.INTERNAL,
            "it has appended " + mine + " to " + data.key() + " and then read " + found,
            txn);
        return;
      }
      data.saw(new KeyData.Seen(txn.id(), all.first(others), byRange));
    } else if (mine.isEmpty()) {
      data.saw(new KeyData.Seen(txn.id(), found, byRange));
    } else if (!Value.of(mine.getLast()).equals(found)) {
      wrong(
          AnomalyKind.INTERNAL,
          "it has set " + data.key() + " to " + mine.getLast() + " and then read " + found,
          txn);
    }
  }

  private static boolean endsWith(Elements all, List<Long> tail) {
    int from = all.size() - tail.size();
    for (int i = 0; i < tail.size(); i++) {
      if (all.at(from + i) != tail.get(i)) {
        return false;
      }
    }
    return true;
  }

  private void wrong(AnomalyKind kind, String story, Transaction txn) {
    anomalies.add(new Anomaly(kind, "T" + txn.id() + ": " + story, List.of(txn)));
  }
}
