package dev.redoubt.buffer;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/** JFR event: pages were read from the page store. See {@code docs/observing.md}. */
@Name("dev.redoubt.PageRead")
@Label("Page Read")
@Category({"Redoubt", "Pages"})
@Description("Pages were read from the page store; lasts as long as the read")
@StackTrace(false)
@Threshold("1 ms")
final class PageReadEvent extends Event {
  private static final PageReadEvent PROBE = new PageReadEvent();

  @Label("First Page")
  long pageId;

  @Label("Pages")
  @Description("Neighbours read at once; more than one only by read-ahead")
  int pages;

  @Label("Read Ahead")
  @Description("Nobody waited for it yet")
  boolean ahead;

  /** A read that begins now; null, and nothing allocated, if nobody records it. */
  static @Nullable PageReadEvent begun(long firstPageId, int pages, boolean ahead) {
    if (!PROBE.isEnabled()) {
      return null;
    }
    PageReadEvent event = new PageReadEvent();
    event.pageId = firstPageId;
    event.pages = pages;
    event.ahead = ahead;
    event.begin();
    return event;
  }
}
