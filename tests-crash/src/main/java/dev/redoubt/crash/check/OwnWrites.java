package dev.redoubt.crash.check;

import dev.redoubt.crash.history.MicroOp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a transaction has written itself at a point of its steps, savepoints obeyed. */
final class OwnWrites {
  private final Map<String, List<Long>> numbers = new HashMap<>();
  private final Map<Integer, Map<String, Integer>> savepoints = new HashMap<>();

  /** The numbers it has appended to a key, or written to it, so far; the oldest first. */
  List<Long> of(String key) {
    return numbers.getOrDefault(key, List.of());
  }

  /** Goes on behind a step. */
  void pass(MicroOp step) {
    switch (step) {
      case MicroOp.Append(String key, long element) -> add(key, element);
      case MicroOp.Write(String key, long value) -> add(key, value);
      case MicroOp.Savepoint(int number) -> {
        Map<String, Integer> sizes = new HashMap<>();
        numbers.forEach((key, own) -> sizes.put(key, own.size()));
        savepoints.put(number, sizes);
      }
      case MicroOp.RollbackTo(int number) -> {
        Map<String, Integer> sizes = savepoints.getOrDefault(number, Map.of());
        numbers.forEach((key, own) -> own.subList(sizes.getOrDefault(key, 0), own.size()).clear());
      }
      case MicroOp.Add _, MicroOp.Read _, MicroOp.Scan _ -> {}
    }
  }

  private void add(String key, long number) {
    numbers.computeIfAbsent(key, _ -> new ArrayList<>()).add(number);
  }
}
