package dev.redoubt.buffer;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** JFR event: what was read is not the page. See {@code docs/observing.md}. */
@Name("dev.redoubt.ChecksumFailure")
@Label("Checksum Failure")
@Category({"Redoubt", "Pages"})
@Description("A page came back from the page store damaged, or as another")
@StackTrace(true)
final class ChecksumFailureEvent extends Event {
  private static final ChecksumFailureEvent PROBE = new ChecksumFailureEvent();

  @Label("Page")
  long pageId;

  @Label("Reason")
  @Nullable String reason;

  /** Whether anybody records such events; allocates nothing. */
  static boolean isOn() {
    return PROBE.isEnabled();
  }
}
