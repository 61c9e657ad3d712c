package dev.redoubt.recovery;

import java.time.Duration;

/**
 * Told how restart goes, from the thread that restarts: the one that opens the store or, behind an
 * open one ({@link RestartMode#INSTANT}), a thread of the engine. What it throws ends the restart.
 */
@FunctionalInterface
public interface RecoveryListener {
  /** The passes of restart, in the order in which they begin. */
  enum Phase {
    ANALYSIS,
    REDO,
    UNDO,
    CHECKPOINT
  }

  /** A listener that does nothing. */
  RecoveryListener NONE = progress -> {};

  /**
   * Restart has come so far. Told of the first record of each phase, and then as often as {@link
   * #interval} says.
   */
  void progress(RecoveryProgress progress);

  /** The least time between two calls within a phase; zero to be told of every record. */
  default Duration interval() {
    return Duration.ofMillis(100);
  }
}
