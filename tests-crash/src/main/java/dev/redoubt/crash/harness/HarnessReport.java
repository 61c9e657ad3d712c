package dev.redoubt.crash.harness;

import dev.redoubt.crash.check.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a run did and found.
 *
 * @param workload its name
 * @param seed that decided it
 * @param disturbances how often each was done
 * @param acknowledged transactions that were
 * @param failed transactions that certainly were not
 * @param unknown transactions whose outcome no client was told
 * @param verdict of the checkers
 * @param problems what else was wrong: a server that ended, a store that was not sound
 * @param time it took
 * @param checking of that, the time of the checkers
 * @param folder with seed, trace, history, log and store
 */
public record HarnessReport(
    String workload,
    long seed,
    Map<Disturbance, Integer> disturbances,
    int acknowledged,
    int failed,
    int unknown,
    Verdict verdict,
    List<String> problems,
    Duration time,
    Duration checking,
    Path folder) {
  /** Keeps copies. */
  public HarnessReport {
    disturbances = Map.copyOf(disturbances);
    problems = List.copyOf(problems);
  }

  /** Whether nothing is wrong. */
  public boolean ok() {
    return verdict.ok() && problems.isEmpty();
  }

  /** All transactions. */
  public int transactions() {
    return acknowledged + failed + unknown;
  }

  /**
   * Fails unless nothing is wrong.
   *
   * @throws AssertionError that tells all of it, and where the folder is
   */
  public void orThrow() {
    if (!ok()) {
      throw new AssertionError(this);
    }
  }

  /** What is wrong, one paragraph each. */
  public List<String> findings() {
    List<String> all = new java.util.ArrayList<>(problems);
    verdict.anomalies().forEach(a -> all.add(a.toString()));
    return all;
  }

  @Override
  public String toString() {
    String done =
        disturbances.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(e -> e.getKey() + " " + e.getValue())
            .collect(Collectors.joining(", "));
    String head =
        workload
            + " seed="
            + seed
            + ": "
            + transactions()
            + " transactions ("
            + acknowledged
            + " acknowledged, "
            + unknown
            + " unknown), "
            + done
            + "; "
            + time.toMillis()
            + " ms, of that checking "
            + checking.toMillis()
            + " ms: ";
    return ok()
        ? head + "nothing wrong"
        : head + "WRONG, see " + folder + "\n" + String.join("\n", findings());
  }
}
