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
 */
public record RestartEstimate(
    Duration opening,
    Duration analysis,
    Duration redo,
    Duration pageReads,
    Duration undo,
    long redoBytes,
    long redoPages) {
  /** All of it. */
  public Duration total() {
    return opening.plus(analysis).plus(redo).plus(pageReads).plus(undo);
  }
}
