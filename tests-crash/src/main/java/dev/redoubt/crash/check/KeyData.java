package dev.redoubt.crash.check;

import dev.redoubt.crash.history.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a history says of one key: who wrote which number, and who saw what. */
final class KeyData {
  /**
   * A write of a number.
   *
   * @param txn the transaction's id
   * @param undone whether it returned to a savepoint before
   */
  record Written(int txn, boolean undone) {}

  /**
   * A read, without what the reader had written itself.
   *
   * @param txn the reader's id
   * @param value what it saw; null if the key was absent
   * @param byRange whether it was found, or missed, by a range read
   */
  record Seen(int txn, @Nullable Value value, boolean byRange) {}

  private final String key;
  private final int index;
  private final Map<Long, List<Written>> writers = new HashMap<>();
  private final Map<Integer, Long> lastOfTxn = new HashMap<>();
  private final List<Seen> seen = new ArrayList<>();
  private boolean list;

  KeyData(String key, int index) {
    this.key = key;
    this.index = index;
  }

  String key() {
    return key;
  }

  int index() {
    return index;
  }

  /** Whether it is appended to, not set. */
  boolean isList() {
    return list;
  }

  void wrote(long number, int txn, boolean undone, boolean byAppending) {
    list |= byAppending;
    writers.computeIfAbsent(number, _ -> new ArrayList<>(1)).add(new Written(txn, undone));
    if (!undone) {
      lastOfTxn.put(txn, number);
    }
  }

  void saw(Seen read) {
    seen.add(read);
  }

  List<Seen> seen() {
    return seen;
  }

  Map<Long, List<Written>> writers() {
    return writers;
  }

  List<Written> writersOf(long number) {
    return writers.getOrDefault(number, List.of());
  }

  /** The last number that a transaction left in the key; null if it left none. */
  @Nullable Long lastOf(int txn) {
    return lastOfTxn.get(txn);
  }
}
