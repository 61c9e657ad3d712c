package dev.redoubt.crash.sim;

import java.util.ArrayList;
import java.util.List;

/**
 * What happened, as a hash that is equal for equal runs, and as lines if they are wanted. Confined
 * to the scheduler's thread.
 */
final class Trace {
  private static final long PRIME = 1099511628211L;

  private final boolean lines;
  private final List<String> kept = new ArrayList<>();
  private long hash = 1125899906842597L;

  Trace(boolean lines) {
    this.lines = lines;
  }

  void step(int thread) {
    hash = hash * PRIME ^ thread;
  }

  /** Adds something that happened in the running thread. */
  void note(Scheduler scheduler, String what) {
    hash = hash * PRIME ^ what.hashCode();
    if (lines) {
      kept.add(
          scheduler.steps() + " " + scheduler.nanos() + " " + scheduler.runningName() + " " + what);
    }
  }

  long hash() {
    return hash;
  }

  List<String> lines() {
    return List.copyOf(kept);
  }
}
