package dev.redoubt.crash.sim;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one run went.
 *
 * @param subject what was simulated
 * @param seed that decided everything
 * @param lives of the engine that were begun
 * @param crashes among their ends
 * @param struck lives in which a fault of the disk struck
 * @param steps of all threads together
 * @param nanos virtual time, in nanoseconds
 * @param traceHash equal for equal runs
 * @param diskHash of the disk at the end, equal for equal bytes
 * @param failure what was wrong, or null
 * @param trace lines, if they were wanted
 */
public record SimReport(
    String subject,
    long seed,
    int lives,
    int crashes,
    int struck,
    long steps,
    long nanos,
    long traceHash,
    long diskHash,
    @Nullable Throwable failure,
    List<String> trace) {
  /** The line that says how to run it again. */
  public String replay() {
    return "replay "
        + subject
        + ": -Dredoubt.sim.seed="
        + seed
        + " (step "
        + steps
        + ", trace "
        + Long.toHexString(traceHash)
        + ", disk "
        + Long.toHexString(diskHash)
        + ")";
  }
}
