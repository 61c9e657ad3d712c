package dev.redoubt.buffer;

import dev.redoubt.buffer.PageStore.PageImage;
import java.util.List;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** JFR event: a batch of pages went home. See {@code docs/observing.md}. */
@Name("dev.redoubt.PageWrite")
@Label("Page Write")
@Category({"Redoubt", "Pages"})
@Description(
    "A batch of pages was written home and forced; lasts from the first write to the last force")
@StackTrace(false)
final class PageWriteEvent extends Event {
  private static final PageWriteEvent PROBE = new PageWriteEvent();

  @Label("First Page")
  long firstPageId;

  @Label("Last Page")
  long lastPageId;

  @Label("Pages")
  int pages;

  @Label("Written")
  @Description("Bytes of the pages, copies aside not counted")
  @DataAmount
  long bytes;

  /** A write of these pages that begins now; null, nothing allocated, if nobody records it. */
  static @Nullable PageWriteEvent begun(List<PageImage> images) {
    if (!PROBE.isEnabled()) {
      return null;
    }
    PageWriteEvent event = new PageWriteEvent();
    event.pages = images.size();
    event.firstPageId = images.getFirst().pageId();
    event.lastPageId = images.getLast().pageId();
    event.bytes = (long) images.size() * images.getFirst().bytes().remaining();
    event.begin();
    return event;
  }
}
