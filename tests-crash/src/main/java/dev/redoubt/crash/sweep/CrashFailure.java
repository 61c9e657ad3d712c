package dev.redoubt.crash.sweep;

import dev.redoubt.crash.disk.IoEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A crash after which the store was not right. The message holds the line that replays it. */
public final class CrashFailure extends AssertionError {
  private static final long serialVersionUID = 1L;

  /** Calls shown of each stage. */
  private static final int SHOWN = 14;

  private final transient CrashSchedule schedule;

  private final transient @Nullable Evidence evidence;

  CrashFailure(
      CrashSchedule schedule,
      Throwable cause,
      List<List<IoEvent>> traces,
      @Nullable Evidence evidence) {
    super(message(schedule, cause, traces), cause);
    this.schedule = schedule;
    this.evidence = evidence;
  }

  /**
   * Writes the files of the disk as the last recovery found them into {@code store}, and each
   * commit with the state after it into {@code history.txt}. Nothing if failures are not shrunk.
   *
   * @param folder is made if it is missing
   * @throws IOException if it cannot be written
   */
  public void keep(Path folder) throws IOException {
    if (evidence != null) {
      evidence.writeTo(folder);
    }
  }

  /** The crashes that led here. */
  public CrashSchedule schedule() {
    return schedule;
  }

  private static String message(
      CrashSchedule schedule, Throwable cause, List<List<IoEvent>> traces) {
    StringBuilder text = new StringBuilder("replay with: ").append(schedule).append('\n');
    for (int stage = 0; stage < traces.size(); stage++) {
      List<IoEvent> calls = traces.get(stage);
      text.append(stage == 0 ? "the run" : "recovery " + stage);
      boolean crashed = stage < schedule.points().size();
      text.append(crashed ? ", up to its crash:\n" : ":\n");
      calls.subList(Math.max(0, calls.size() - SHOWN), calls.size()).stream()
          .map(call -> "    " + call + "\n")
          .forEach(text::append);
      if (crashed) {
        text.append("  crash ").append(schedule.points().get(stage)).append('\n');
      }
    }
    return text.append("then: ").append(cause).toString();
  }
}
