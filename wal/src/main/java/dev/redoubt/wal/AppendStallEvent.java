package dev.redoubt.wal;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** JFR event: an append waited for a free buffer. See {@code docs/observing.md}. */
@Name("dev.redoubt.AppendStall")
@Label("Append Stall")
@Category({"Redoubt", "Log"})
@Description("The ring was full of records on their way to disk: an append waited for a force")
@StackTrace(false)
final class AppendStallEvent extends Event {
  private static final AppendStallEvent PROBE = new AppendStallEvent();

  @Label("Awaited LSN")
  @Description("The batch at this LSN had to become durable to free its buffer")
  long awaitedLsn;

  /** Whether anybody records such events; allocates nothing. */
  static boolean isOn() {
    return PROBE.isEnabled();
  }
}
