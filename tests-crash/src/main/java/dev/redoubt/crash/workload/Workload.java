package dev.redoubt.crash.workload;

import dev.redoubt.crash.check.Checker;
import dev.redoubt.crash.check.Consistency;
import dev.redoubt.crash.history.History;
import dev.redoubt.crash.history.MicroOp;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What clients do, and how to tell whether the store did right. An object serves one history.
 * {@link #next} is safe from any thread; with one thread the same random numbers give the same
 * steps.
 */
public interface Workload {
  /** Short name, for people and command lines. */
  String name();

  /** What one client does before all others begin; empty if an empty store will do. */
  default List<Step> setup() {
    return List.of();
  }

  /**
   * The next transaction of a client.
   *
   * @param random where all chance comes from
   */
  Step next(RandomGenerator random);

  /** Reads every key. Run it when all clients have ended, until one is answered. */
  default Step finalRead() {
    return Step.of(History.FINAL_READ, List.of(MicroOp.scan("", "~")));
  }

  /** Judges the history of a store that promises {@code consistency}. */
  Checker checker(Consistency consistency);
}
