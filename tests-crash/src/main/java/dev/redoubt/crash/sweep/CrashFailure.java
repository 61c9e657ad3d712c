package dev.redoubt.crash.sweep;

import dev.redoubt.crash.disk.IoEvent;
import java.util.List;

/** A crash after which the store was not right. The message holds the line that replays it. */
public final class CrashFailure extends AssertionError {
  private static final long serialVersionUID = 1L;

  /** Calls shown of each stage. */
  private static final int SHOWN = 14;

  private final transient CrashSchedule schedule;

  CrashFailure(CrashSchedule schedule, Throwable cause, List<List<IoEvent>> traces) {
    super(message(schedule, cause, traces), cause);
    this.schedule = schedule;
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
