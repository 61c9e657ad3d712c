package dev.redoubt.crash.harness;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * Settings of a run. Immutable; the withers return changed copies.
 *
 * @param workload name of one of {@link dev.redoubt.crash.workload.Workloads}
 * @param clients at a time
 * @param time after which no disturbance begins any more
 * @param most disturbances; 0 for as many as there is time for
 * @param only those disturbances; where it can be had
 * @param seed decides steps, disturbances and their moments
 */
public record HarnessOptions(
    String workload, int clients, Duration time, int most, Set<Disturbance> only, long seed) {
  /** Keeps a copy. */
  public HarnessOptions {
    only = Set.copyOf(only);
  }

  /** Five clients, ten seconds, all disturbances. */
  public static HarnessOptions of(String workload, long seed) {
    Set<Disturbance> all = EnumSet.allOf(Disturbance.class);
    return new HarnessOptions(workload, 5, Duration.ofSeconds(10), 0, all, seed);
  }

  /** The same with another time. */
  public HarnessOptions withTime(Duration changed) {
    return new HarnessOptions(workload, clients, changed, most, only, seed);
  }

  /** The same with that many disturbances. */
  public HarnessOptions withMost(int changed) {
    return new HarnessOptions(workload, clients, time, changed, only, seed);
  }

  /** The same with these disturbances alone. */
  public HarnessOptions withOnly(Set<Disturbance> changed) {
    return new HarnessOptions(workload, clients, time, most, changed, seed);
  }

  /** The same with that many clients. */
  public HarnessOptions withClients(int changed) {
    return new HarnessOptions(workload, changed, time, most, only, seed);
  }
}
