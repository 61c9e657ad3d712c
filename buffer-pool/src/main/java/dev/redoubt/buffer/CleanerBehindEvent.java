package dev.redoubt.buffer;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A spell in which the page cleaner could not keep up: it wrote full batches without a pause. */
@Name("dev.redoubt.CleanerBehind")
@Label("Page Cleaner Behind")
@Category("Redoubt")
@Description(
    "The redo distance was far beyond its target, or less than a quarter of the frames clean")
@StackTrace(false)
final class CleanerBehindEvent extends Event {
  @Label("Redo Target")
  @DataAmount
  long targetBytes;

  @Label("Dirty Pages at the Beginning")
  int dirtyPages;

  @Label("Dirty Pages at the End")
  int dirtyPagesAtEnd;
}
