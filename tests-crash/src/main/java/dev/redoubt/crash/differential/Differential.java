package dev.redoubt.crash.differential;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Does the same on several stores and compares every answer with the first one's: reads, ranges
 * both ways, neighbours, savepoints, rollbacks, reopenings, and all that is there at the end. The
 * same seed does the same. Confined to one thread.
 */
public final class Differential {
  /** Operations that a message about a difference tells of. */
  private static final int TOLD = 30;

  private static final int LARGE_VALUE = 30_000;
  private static final int SMALL_VALUE = 300;
  private static final List<OrderedStore.Neighbour> NEIGHBOURS =
      List.of(OrderedStore.Neighbour.values());
  private static final String LAST_KEY = "\uffff";

  private final List<OrderedStore> stores;
  private final long seed;
  private final int keys;
  private final SplittableRandom random;
  private final Deque<String> done = new ArrayDeque<>();
  private long operations;
  private boolean inTransaction;
  private int savepoints;

  /**
   * Compares these stores, which must be empty; they are the caller's to close.
   *
   * @param keys how many different keys are used
   */
  public Differential(List<OrderedStore> stores, int keys, long seed) {
    this.stores = List.copyOf(stores);
    this.keys = keys;
    this.seed = seed;
    this.random = new SplittableRandom(seed);
  }

  /**
   * Does so many operations, and then reads everything.
   *
   * @throws AssertionError at the first difference, with the seed and the last operations
   */
  public void run(int steps) {
    for (int i = 0; i < steps; i++) {
      step();
    }
    if (inTransaction) {
      all("commit", OrderedStore::commit);
      inTransaction = false;
    }
    all("begin", OrderedStore::begin);
    compare("everything", s -> s.range("", LAST_KEY, false, Integer.MAX_VALUE));
    compare("everything, last first", s -> s.range("", LAST_KEY, true, Integer.MAX_VALUE));
    all("rollback", OrderedStore::rollback);
  }

  /** Operations so far. */
  public long operations() {
    return operations;
  }

  private void step() {
    if (!inTransaction) {
      if (random.nextInt(25) == 0) {
        all("reopen", OrderedStore::reopen);
      }
      all("begin", OrderedStore::begin);
      inTransaction = true;
      savepoints = 0;
      return;
    }
    int choice = random.nextInt(100);
    if (choice < 35) {
      String key = key();
      String value = value();
      all("put " + key + " (" + value.length() + ")", s -> s.put(key, value));
    } else if (choice < 50) {
      String key = key();
      all("remove " + key, s -> s.remove(key));
    } else if (choice < 62) {
      String key = key();
      compare("get " + key, s -> s.get(key));
    } else if (choice < 74) {
      range();
    } else if (choice < 82) {
      String key = key();
      OrderedStore.Neighbour which = NEIGHBOURS.get(random.nextInt(NEIGHBOURS.size()));
      compare(which + " " + key, s -> s.neighbour(which, key));
    } else if (choice < 86) {
      all("savepoint", OrderedStore::savepoint);
      savepoints++;
    } else if (choice < 90) {
      if (savepoints > 0) {
        savepoints--;
        all("rollback to the savepoint", OrderedStore::rollbackToSavepoint);
      }
    } else if (choice < 97) {
      all("commit", OrderedStore::commit);
      inTransaction = false;
    } else {
      all("rollback", OrderedStore::rollback);
      inTransaction = false;
    }
  }

  private void range() {
    String from = key();
    String to = key();
    boolean descending = random.nextBoolean();
    int limit = random.nextInt(3) == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(10);
    String what = (descending ? "range down " : "range up ") + from + ".." + to + " of " + limit;
    compare(what, s -> s.range(from, to, descending, limit));
  }

  /** Short and long ones, with common beginnings, and some beyond ASCII. */
  private String key() {
    int number = random.nextInt(keys);
    return switch (number % 5) {
      case 0 -> "k" + number;
      case 1 -> "é" + number;
      case 2 -> "a common beginning that is long enough to matter/" + number;
      default -> String.format("%05d", number);
    };
  }

  private String value() {
    int kind = random.nextInt(100);
    int length =
        kind == 0 ? random.nextInt(LARGE_VALUE) : kind < 10 ? 0 : random.nextInt(SMALL_VALUE);
    char letter = (char) ('a' + random.nextInt(26));
    return String.valueOf(letter).repeat(length);
  }

  private void all(String what, Consumer<OrderedStore> operation) {
    compare(
        what,
        store -> {
          operation.accept(store);
          return null;
        });
  }

  private void compare(String what, Function<OrderedStore, @Nullable Object> operation) {
    operations++;
    done.add(what);
    if (done.size() > TOLD) {
      done.remove();
    }
    Object expected = null;
    for (OrderedStore store : stores) {
      Object answer;
      try {
        answer = operation.apply(store);
      } catch (RuntimeException | Error e) {
        throw new AssertionError(where(what) + ": " + store.name() + " threw", e);
      }
      if (store.equals(stores.getFirst())) {
        expected = answer;
      } else if (!Objects.equals(expected, answer)) {
        throw new AssertionError(
            where(what)
                + ":\n"
                + stores.getFirst().name()
                + ": "
                + shown(expected)
                + "\n"
                + store.name()
                + ": "
                + shown(answer));
      }
    }
  }

  private String where(String what) {
    return "seed " + seed + ", operation " + operations + ", " + what + ", after " + done;
  }

  private static String shown(@Nullable Object answer) {
    return answer instanceof List<?> list
        ? list.stream().map(Differential::shown).toList().toString()
        : answer instanceof Map.Entry<?, ?> e
            ? e.getKey() + "=" + shown(e.getValue())
            : answer instanceof String text && text.length() > 12
                ? text.charAt(0) + "*" + text.length()
                : String.valueOf(answer);
  }
}
