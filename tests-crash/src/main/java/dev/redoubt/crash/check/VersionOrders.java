package dev.redoubt.crash.check;

import dev.redoubt.crash.history.Elements;
import dev.redoubt.crash.history.Transaction;
import dev.redoubt.crash.history.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the order of the versions of each key, and what is wrong without looking further: of a list
 * it is the longest one that was read (Elle, section 3), of a register with numbered versions the
 * order of the numbers.
 */
final class VersionOrders {
  private final Observations observed;
  private final List<Anomaly> anomalies = new ArrayList<>();
  private final List<KeyOrder> orders = new ArrayList<>();

  VersionOrders(Observations observed, boolean numberedRegisters) {
    this.observed = observed;
    for (KeyData data : observed.keys().values()) {
      if (data.isList() || numberedRegisters) {
        KeyOrder order = data.isList() ? ofList(data) : ofRegister(data);
        orders.add(order);
        findLostUpdates(data, order);
      }
    }
  }

  List<KeyOrder> orders() {
    return orders;
  }

  List<Anomaly> anomalies() {
    return anomalies;
  }

  private KeyOrder ofList(KeyData data) {
    Elements longest = Elements.of();
    int reader = KeyOrder.NOBODY;
    for (KeyData.Seen seen : data.seen()) {
      if (seen.value() instanceof Elements list && list.size() > longest.size()) {
        longest = list;
        reader = seen.txn();
      }
    }
    int[] writers = new int[longest.size()];
    Set<Long> known = new HashSet<>();
    for (int i = 0; i < writers.length; i++) {
      writers[i] = writer(data, longest.at(i), reader);
      if (!known.add(longest.at(i))) {
        wrong(AnomalyKind.DUPLICATE, data.key() + " shows " + longest.at(i) + " twice", reader);
      }
    }
    List<KeyOrder.VersionRead> reads = new ArrayList<>();
    for (KeyData.Seen seen : data.seen()) {
      if (seen.value() instanceof Elements list) {
        if (!list.isPrefixOf(longest)) {
          wrong(
              AnomalyKind.INCOMPATIBLE_ORDER,
              data.key() + " was read as " + list + " and as " + longest,
              seen.txn(),
              reader);
          checkAll(data, list, seen.txn());
          continue;
        }
        checkWhole(data, list, seen.txn());
        reads.add(
            new KeyOrder.VersionRead(seen.txn(), list.size(), seen.byRange() && list.size() == 0));
      }
    }
    return new KeyOrder(
        data.key(),
        data.index(),
        Arrays.stream(writers).boxed().toList(),
        reads,
        unseen(data, known));
  }

  private void checkAll(KeyData data, Elements list, int reader) {
    for (int i = 0; i < list.size(); i++) {
      writer(data, list.at(i), reader);
    }
  }

  /** A list must not end within the appends of one transaction, nor have those of its reader. */
  private void checkWhole(KeyData data, Elements list, int reader) {
    if (list.size() == 0) {
      return;
    }
    if (data.lastOf(reader) != null) {
      checkNotOwn(data, list, reader);
    }
    for (KeyData.Written written : data.writersOf(list.last())) {
      Long last = data.lastOf(written.txn());
      if (!written.undone() && last != null && last != list.last() && written.txn() != reader) {
        wrong(
            AnomalyKind.G1B,
            "T"
                + reader
                + " read "
                + data.key()
                + " as "
                + list
                + ", before T"
                + written.txn()
                + " appended "
                + last
                + " too",
            reader,
            written.txn());
      }
    }
  }

  private void checkNotOwn(KeyData data, Elements list, int reader) {
    for (int i = 0; i < list.size(); i++) {
      long element = list.at(i);
      if (data.writersOf(element).stream().anyMatch(w -> w.txn() == reader)) {
        wrong(
            AnomalyKind.INTERNAL,
            "T" + reader + " read its own " + element + " in " + data.key() + " too early or twice",
            reader);
      }
    }
  }

  private KeyOrder ofRegister(KeyData data) {
    List<Long> numbers = new ArrayList<>();
    Map<Long, Integer> writerOf = new HashMap<>();
    Set<Long> seenNumbers = new HashSet<>();
    for (KeyData.Seen seen : data.seen()) {
      if (seen.value() instanceof Value.Single(long number) && seenNumbers.add(number)) {
        writerOf.put(number, writer(data, number, seen.txn()));
      }
    }
    data.writers()
        .forEach(
            (number, written) -> {
              for (KeyData.Written w : written) {
                if (!w.undone() && observed.isCommitted(w.txn())) {
                  writerOf.put(number, w.txn());
                }
              }
            });
    numbers.addAll(writerOf.keySet());
    numbers.sort(null);
    Map<Long, Integer> versionOf = new HashMap<>();
    int[] writers = new int[numbers.size()];
    for (int i = 0; i < writers.length; i++) {
      versionOf.put(numbers.get(i), i + 1);
      writers[i] = writerOf.getOrDefault(numbers.get(i), KeyOrder.NOBODY);
    }
    List<KeyOrder.VersionRead> reads = new ArrayList<>();
    for (KeyData.Seen seen : data.seen()) {
      int version =
          seen.value() instanceof Value.Single(long number) ? versionOf.getOrDefault(number, 0) : 0;
      reads.add(new KeyOrder.VersionRead(seen.txn(), version, seen.byRange() && version == 0));
      checkLast(data, seen);
    }
    return new KeyOrder(
        data.key(), data.index(), Arrays.stream(writers).boxed().toList(), reads, List.of());
  }

  private void checkLast(KeyData data, KeyData.Seen seen) {
    if (!(seen.value() instanceof Value.Single(long number))) {
      return;
    }
    List<KeyData.Written> written = data.writersOf(number);
    Long last = written.size() == 1 ? data.lastOf(written.getFirst().txn()) : null;
    if (last != null && last != number) {
      int writer = written.getFirst().txn();
      wrong(
          AnomalyKind.G1B,
          "T"
              + seen.txn()
              + " read "
              + data.key()
              + " as "
              + number
              + ", which T"
              + writer
              + " overwrote itself with "
              + last,
          seen.txn(),
          writer);
    }
  }

  /** Who wrote what a reader saw, if a committed transaction did and meant to. */
  private int writer(KeyData data, long number, int reader) {
    List<KeyData.Written> written = data.writersOf(number);
    if (written.isEmpty()) {
      wrong(AnomalyKind.GARBAGE, data.key() + " shows " + number + ", which nobody wrote", reader);
      return KeyOrder.NOBODY;
    }
    int found = KeyOrder.NOBODY;
    int unknown = 0;
    for (KeyData.Written w : written) {
      if (!w.undone() && observed.isCommitted(w.txn())) {
        found = w.txn();
      }
      unknown += w.undone() || observed.transaction(w.txn()).isAborted() ? 0 : 1;
    }
    if (unknown == 0) {
      int writer = written.getFirst().txn();
      wrong(
          AnomalyKind.G1A,
          "T"
              + reader
              + " read "
              + number
              + " in "
              + data.key()
              + ", which T"
              + writer
              + (written.getFirst().undone() ? " undid by a savepoint" : " rolled back"),
          reader,
          writer);
    }
    return found;
  }

  private List<Integer> unseen(KeyData data, Set<Long> seen) {
    List<Integer> unseen = new ArrayList<>();
    data.writers()
        .forEach(
            (number, written) -> {
              KeyData.Written w = written.getFirst();
              if (!seen.contains(number) && !w.undone() && observed.isCommitted(w.txn())) {
                unseen.add(w.txn());
              }
            });
    unseen.sort(null);
    return unseen;
  }

  private void findLostUpdates(KeyData data, KeyOrder order) {
    Set<Integer> writers = new HashSet<>();
    data.writers()
        .values()
        .forEach(
            all ->
                all.stream()
                    .filter(w -> !w.undone() && observed.isCommitted(w.txn()))
                    .forEach(w -> writers.add(w.txn())));
    for (Set<Integer> group : order.lostUpdates(writers)) {
      wrong(
          AnomalyKind.LOST_UPDATE,
          "all of them read the same version of " + data.key() + " and wrote it",
          group.stream().mapToInt(i -> i).toArray());
    }
  }

  private void wrong(AnomalyKind kind, String story, int... ids) {
    List<Transaction> involved = new ArrayList<>();
    for (int id : ids) {
      if (id != KeyOrder.NOBODY) {
        involved.add(observed.transaction(id));
      }
    }
    anomalies.add(new Anomaly(kind, story, involved));
  }
}
