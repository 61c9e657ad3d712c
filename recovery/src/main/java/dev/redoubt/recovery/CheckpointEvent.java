package dev.redoubt.recovery;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A fuzzy checkpoint, from its begin record to the forced master record. */
@Name("dev.redoubt.Checkpoint")
@Label("Checkpoint")
@Category("Redoubt")
@StackTrace(false)
final class CheckpointEvent extends Event {
  @Label("Begin LSN")
  long beginLsn;

  @Label("Bound LSN")
  long boundLsn;

  @Label("Dirty Pages in the Tables")
  int dirtyPages;

  @Label("Transactions in the Tables")
  int transactions;

  @Label("At an Orderly Close")
  boolean clean;

  static CheckpointEvent begun() {
    CheckpointEvent event = new CheckpointEvent();
    event.begin();
    return event;
  }
}
