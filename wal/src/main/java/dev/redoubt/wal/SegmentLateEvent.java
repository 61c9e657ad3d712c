package dev.redoubt.wal;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** JFR event: an append waited for a segment. See {@code docs/observing.md}. */
@Name("dev.redoubt.SegmentLate")
@Label("Segment Ready Late")
@Category({"Redoubt", "Log"})
@Description("The next segment was not ready: an append waited while it was made")
@StackTrace(false)
final class SegmentLateEvent extends Event {
  private static final SegmentLateEvent PROBE = new SegmentLateEvent();

  @Label("Segment")
  @Description("Index of the segment that was waited for")
  long segment;

  /** Whether anybody records such events; allocates nothing. */
  static boolean isOn() {
    return PROBE.isEnabled();
  }
}
