package dev.redoubt.kv;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What transactions that append unique numbers to lists have done, and whether one order explains
 * it that also agrees with real time (Kingsbury and Alvaro, "Elle", 2020: the last state of a list
 * tells the order of its appends, a read tells which of them it came behind).
 */
final class History {
  /** A transaction that has committed. */
  static final class Executed {
    final long begin;
    long end;
    final List<Read> reads = new ArrayList<>();
    final Map<Integer, String> appends = new HashMap<>();

    Executed(long begin) {
      this.begin = begin;
    }

    void read(String key, String list) {
      reads.add(new Read(key, list));
    }

    void append(String key, int value) {
      appends.put(value, key);
    }

    void end(long now) {
      end = now;
    }

    /** The last of a list that another transaction has appended; 0 if there is none. */
    int lastOfOthers(String list) {
      int last = 0;
      for (int each : numbers(list)) {
        last = appends.containsKey(each) ? last : each;
      }
      return last;
    }
  }

  record Read(String key, String list) {}

  private final AtomicLong clock = new AtomicLong();
  private final ConcurrentLinkedQueue<Executed> all = new ConcurrentLinkedQueue<>();
  private Map<String, String> last = Map.of();

  long now() {
    return clock.incrementAndGet();
  }

  void add(Executed executed) {
    all.add(executed);
  }

  void end(Map<String, String> lists) {
    last = lists;
  }

  int size() {
    return all.size();
  }

  static int[] numbers(String list) {
    return list.isEmpty()
        ? new int[0]
        : Arrays.stream(list.split(",", -1))
            .filter(each -> !each.isEmpty())
            .mapToInt(Integer::parseInt)
            .toArray();
  }

  /** Transactions of which each must come before the next, and the last before the first. */
  List<Executed> cycle() {
    List<Executed> nodes = List.copyOf(all);
    Map<Integer, Executed> writers = new HashMap<>();
    for (Executed each : nodes) {
      each.appends.keySet().forEach(value -> writers.put(value, each));
    }
    Edges after = new Edges();
    Map<Integer, Executed> next = new HashMap<>();
    Map<String, Executed> firsts = new HashMap<>();
    for (Map.Entry<String, String> list : last.entrySet()) {
      Executed before = null;
      int previous = 0;
      for (int value : numbers(list.getValue())) {
        Executed writer = writers.get(value);
        if (writer == null) {
          throw new AssertionError("nobody has committed " + value + " of " + list);
        }
        if (before == null) {
          firsts.put(list.getKey(), writer);
        } else {
          next.put(previous, writer);
          after.add(before, writer);
        }
        before = writer;
        previous = value;
      }
    }
    for (Executed reader : nodes) {
      for (Read read : reader.reads) {
        String whole = last.getOrDefault(read.key(), "");
        int seen = reader.lastOfOthers(read.list());
        if (!whole.startsWith(read.list())) {
          throw new AssertionError(read + " is no beginning of " + whole);
        }
        if (seen != 0) {
          after.add(
              Objects.requireNonNull(writers.get(seen), () -> "nobody wrote " + seen), reader);
        }
        int[] numbers = numbers(read.list());
        int newest = numbers.length == 0 ? 0 : numbers[numbers.length - 1];
        Executed overtaken = newest == 0 ? firsts.get(read.key()) : next.get(newest);
        if (overtaken != null) {
          after.add(reader, overtaken);
        }
      }
    }
    for (Executed each : nodes) {
      for (Executed other : nodes) {
        if (each.end < other.begin) {
          after.add(each, other); // real time
        }
      }
    }
    return cycle(nodes, after);
  }

  /** Who must come after whom. */
  private static final class Edges {
    private final Map<Executed, List<Executed>> all = new HashMap<>();

    void add(Executed from, Executed to) {
      if (from != to) {
        all.computeIfAbsent(from, each -> new ArrayList<>()).add(to);
      }
    }

    List<Executed> from(Executed each) {
      return all.getOrDefault(each, List.of());
    }
  }

  private static List<Executed> cycle(List<Executed> nodes, Edges after) {
    Map<Executed, Integer> left = new HashMap<>();
    for (Executed each : nodes) {
      left.putIfAbsent(each, 0);
      after.from(each).forEach(to -> left.merge(to, 1, Integer::sum));
    }
    Deque<Executed> ready = new ArrayDeque<>();
    left.forEach(
        (each, count) -> {
          if (count == 0) {
            ready.add(each);
          }
        });
    while (!ready.isEmpty()) {
      Executed each = ready.remove();
      left.remove(each);
      for (Executed to : after.from(each)) {
        if (left.merge(to, -1, Integer::sum) == 0) {
          ready.add(to);
        }
      }
    }
    return List.copyOf(left.keySet()); // in a cycle, or behind one
  }
}
