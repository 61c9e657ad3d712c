package dev.redoubt.crash.sim;

import dev.redoubt.crash.disk.SimDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * @param disk as the last life left it, or found it if it failed
 * @param history what clients tried and were told, a line each
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
    SimDisk disk,
    List<String> history,
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
        + Long.toHexString(diskHash())
        + ")";
  }

  /** Of the disk at the end, equal for equal bytes. */
  public long diskHash() {
    return disk.fingerprint();
  }

  /**
   * Writes the files of the disk into {@code store}, the history into {@code history.txt}.
   *
   * @param folder is made if it is missing
   * @throws IOException if that cannot be written
   */
  public void keep(Path folder) throws IOException {
    disk.writeTo(Files.createDirectories(folder.resolve("store")));
    Files.write(folder.resolve("history.txt"), history, StandardCharsets.UTF_8);
  }
}
