package dev.redoubt.crash.workload;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** All workloads, by their names. */
public final class Workloads {
  private static final Map<String, Supplier<Workload>> ALL =
      new TreeMap<>(
          Map.of(
              "bank", BankWorkload::byReading,
              "bank-by-increments", BankWorkload::byIncrements,
              "counter", CounterWorkload::new,
              "large", LargeWorkload::new,
              "list-append", ListAppendWorkload::new,
              "numbered-register", NumberedWorkload::new,
              "predicate", PredicateWorkload::new,
              "register", RegisterWorkload::new,
              "savepoints", SavepointWorkload::new,
              "set", SetWorkload::new));

  private Workloads() {}

  /** Their names, sorted. */
  public static List<String> names() {
    return List.copyOf(ALL.keySet());
  }

  /**
   * A new workload, for one history.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Workload of(String name) {
    Supplier<Workload> workload = ALL.get(name);
    if (workload == null) {
      throw new IllegalArgumentException("no workload named " + name + "; there are " + names());
    }
    return workload.get();
  }
}
