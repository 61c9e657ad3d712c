package dev.redoubt.buffer;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** JFR event: a page made room. Off unless asked for. See {@code docs/observing.md}. */
@Name("dev.redoubt.PageEvict")
@Label("Page Eviction")
@Category({"Redoubt", "Pages"})
@Description("A clean page left memory to make room for another")
@Enabled(false)
@StackTrace(false)
final class PageEvictEvent extends Event {
  private static final PageEvictEvent PROBE = new PageEvictEvent();

  @Label("Page")
  long pageId;

  /** The page has left; allocates nothing unless somebody records it. */
  static void emit(long pageId) {
    if (PROBE.isEnabled()) {
      PageEvictEvent event = new PageEvictEvent();
      event.pageId = pageId;
      event.commit();
    }
  }
}
