package dev.redoubt.recovery;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The begin record of a checkpoint is appended: seen even if its end never comes. */
@Name("dev.redoubt.CheckpointBegin")
@Label("Checkpoint Begin")
@Category("Redoubt")
@StackTrace(false)
final class CheckpointBeginEvent extends Event {
  @Label("Begin LSN")
  long beginLsn;

  static void tell(long beginLsn) {
    CheckpointBeginEvent event = new CheckpointBeginEvent();
    event.beginLsn = beginLsn;
    event.commit();
  }
}
