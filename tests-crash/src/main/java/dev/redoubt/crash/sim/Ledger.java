package dev.redoubt.crash.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What clients of a store have done, and what must therefore be there. Each client works through
 * numbered transactions, one after the other, and each transaction writes its number into its
 * client's counter: whoever reads all counters in one snapshot knows exactly which transactions
 * that snapshot has, and so everything else that must be in it. Confined to a simulation.
 */
final class Ledger {
  /** What is known of a transaction. */
  enum State {
    /** It may have become part of the store. */
    OPEN,
    /** It is part of the store. */
    COMMITTED
  }

  /** One transaction of a client. */
  static final class Entry {
    final int client;
    final int number;
    final long begun;
    final List<Effect> effects = new ArrayList<>();
    State state = State.OPEN;

    /** When commit returned; the largest number if it has not. */
    long acknowledged = Long.MAX_VALUE;

    /** Whether no crash may take it away. */
    boolean durable;

    /**
     * Whether commit or prepare was asked for: before that it is certainly no part of the store.
     */
    boolean asked;

    /** Whether prepare has returned and no decision has. */
    boolean inDoubt;

    /** Whether a coordinator has asked for its rollback. */
    boolean refused;

    Entry(int client, int number, long begun) {
      this.client = client;
      this.number = number;
      this.begun = begun;
    }

    private String line() {
      String told = acknowledged == Long.MAX_VALUE ? "tried" : "acknowledged";
      String fate = (durable ? ", durable" : "") + (inDoubt ? ", in doubt" : "");
      return this + ": " + told + fate + ", " + effects;
    }

    @Override
    public String toString() {
      return "transaction " + number + " of client " + client;
    }
  }

  /** A change that is the same in whatever order transactions come. */
  sealed interface Effect {
    /** Adds to an account. */
    record Add(String key, long amount) implements Effect {}

    /** Appends to a list. */
    record Append(String key, String element) implements Effect {}

    /** Writes a key of the client's own; null removes it. */
    record Own(String key, @Nullable String value) implements Effect {}
  }

  private final int clients;
  private final List<Entry> entries = new ArrayList<>();
  private final int[] numbers;

  /** Of the last call; several may come in one step of a thread. */
  private long moment;

  Ledger(int clients) {
    this.clients = clients;
    this.numbers = new int[clients];
  }

  int clients() {
    return clients;
  }

  /** A client begins its next transaction. */
  Entry begin(int client) {
    Entry entry = new Entry(client, ++numbers[client], ++moment);
    entries.add(entry);
    return entry;
  }

  /** The transaction is certainly no part of the store, and never will be. */
  void gone(Entry entry) {
    entries.remove(entry);
  }

  /** Commit has returned, and made it durable or not. */
  void acknowledged(Entry entry, boolean durable) {
    entry.acknowledged = ++moment;
    entry.inDoubt = false;
    if (durable) {
      for (Entry other : entries) {
        // The log has one order: what was acknowledged before this one began lies before it.
        if (other.acknowledged < entry.begun || other == entry) {
          other.durable = true;
        }
      }
    }
  }

  /** The oldest number of each client that a reader who begins now must see. */
  int[] leastVisible() {
    int[] least = new int[clients];
    for (Entry entry : entries) {
      if (entry.acknowledged != Long.MAX_VALUE) {
        least[entry.client] = Math.max(least[entry.client], entry.number);
      }
    }
    return least;
  }

  /**
   * After a crash: the counters found decide what was committed; the rest never happened.
   *
   * @param stillInDoubt whether a prepared transaction awaits its decision in the store
   */
  void settle(int[] counters, Predicate<Entry> stillInDoubt) {
    long lastBegun = Long.MIN_VALUE;
    for (Entry entry : entries) {
      if (entry.number <= counters[entry.client]) {
        lastBegun = Math.max(lastBegun, entry.begun);
      }
    }
    for (Iterator<Entry> all = entries.iterator(); all.hasNext(); ) {
      Entry entry = all.next();
      boolean found = entry.number <= counters[entry.client];
      if (found) {
        check(!entry.refused, () -> entry + " is there, though its rollback was asked for");
        entry.state = State.COMMITTED;
        entry.durable = true;
        entry.inDoubt = false;
        continue;
      }
      check(
          !entry.durable,
          () -> entry + " was durable and is lost; counters " + Arrays.toString(counters));
      check(
          entry.acknowledged > lastBegun || entry.acknowledged == Long.MAX_VALUE,
          () -> entry + " is lost, one that began after it was acknowledged is there");
      if (!stillInDoubt.test(entry)) {
        check(
            !entry.inDoubt || entry.refused,
            () -> entry + " was prepared and the store does not know it");

        all.remove();
      }
    }
    for (int client = 0; client < clients; client++) {
      int counter = counters[client];
      int number = client;
      check(
          counter == 0 || entries.stream().anyMatch(e -> e.client == number && e.number == counter),
          () ->
              "transaction " + counter + " of client " + number + " was rolled back, yet is there");
    }
  }

  /** A line for each transaction: what it was told, and what it does. */
  List<String> history() {
    return entries.stream().map(Entry::line).toList();
  }

  /** Transactions whose outcome is not known. */
  List<Entry> unsettled() {
    return entries.stream().filter(entry -> entry.state == State.OPEN).toList();
  }

  /** Effects of every transaction that a snapshot with these counters has. */
  Contents expect(int[] counters) {
    Contents contents = new Contents(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    for (Entry entry : entries) {
      if (entry.number > counters[entry.client]) {
        continue;
      }
      for (Effect effect : entry.effects) {
        contents.apply(effect, entry);
      }
    }
    return contents;
  }

  /**
   * What a snapshot must hold.
   *
   * @param sums changes of accounts
   * @param lists transactions that appended, by list and element
   * @param own keys of the clients
   */
  record Contents(
      Map<String, Long> sums, Map<String, Map<String, Entry>> lists, Map<String, String> own) {
    void apply(Effect effect, Entry entry) {
      switch (effect) {
        case Effect.Add(String key, long amount) -> sums.merge(key, amount, Long::sum);
        case Effect.Append(String key, String element) ->
            lists.computeIfAbsent(key, k -> new TreeMap<>()).put(element, entry);
        case Effect.Own(String key, String value) -> {
          if (value == null) {
            own.remove(key);
          } else {
            own.put(key, value);
          }
        }
      }
    }

    /** The list has each element once, in an order that real time allows. */
    void checkList(String key, List<String> elements) {
      Map<String, Entry> wanted = lists.getOrDefault(key, Map.of());
      check(
          elements.size() == wanted.size() && wanted.keySet().containsAll(elements),
          () -> "list " + key + " is " + elements + ", appended were " + wanted.keySet());
      long latestBegun = Long.MIN_VALUE;
      for (String element : elements) {
        Entry entry = Objects.requireNonNull(wanted.get(element));
        long before = latestBegun;
        check(
            entry.acknowledged == Long.MAX_VALUE || entry.acknowledged >= before,
            () ->
                "list " + key + " has " + element + " behind one that began after it: " + elements);
        latestBegun = Math.max(latestBegun, entry.begun);
      }
    }
  }

  static void check(boolean holds, Supplier<String> otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise.get());
    }
  }
}
