package dev.redoubt.recovery;

import java.time.Duration;

/**
 * How long restart would take if the process died now, from rates that the store's own restarts
 * have measured. The parts follow one another.
 *
 * @param opening what does not grow with the log
 * @param analysis scanning the log from the last checkpoint on
 * @param redo scanning the log from the redo point on, and applying it
 * @param pageReads bringing in the pages that redo needs
 * @param undo rolling back the transactions active now
 * @param redoBytes log that redo would scan
 * @param redoPages pages that redo would look at, at most
 * @param wanted the restart time wanted ({@link EngineOptions#targetRestartTime})
 */
public record RestartEstimate(
    Duration opening,
    Duration analysis,
    Duration redo,
    Duration pageReads,
    Duration undo,
    long redoBytes,
    long redoPages,
    Duration wanted) {
  /** All of it. */
  public Duration total() {
    return opening.plus(analysis).plus(redo).plus(pageReads).plus(undo);
  }

  /**
   * Whether writing pages sooner can hold the time wanted: opening and undo alone do not exceed it.
   * If they do, a quarter of it is left for the log, and restart takes that much longer than they.
   */
  public boolean canBeHeld() {
    return opening.plus(undo).compareTo(wanted) <= 0;
  }
}
