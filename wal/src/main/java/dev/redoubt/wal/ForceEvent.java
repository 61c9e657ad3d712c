package dev.redoubt.wal;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** JFR event: one round of the leader, written and forced. See {@code docs/observing.md}. */
@Name("dev.redoubt.LogForce")
@Label("Log Force")
@Category({"Redoubt", "Log"})
@Description("A leader wrote and forced what had arrived; lasts from the first write to the force")
@StackTrace(false)
final class ForceEvent extends Event {
  private static final ForceEvent PROBE = new ForceEvent();

  @Label("Records")
  @Description("Size of the group; 0 when the log was sealed")
  int records;

  @Label("Batches")
  int batches;

  @Label("Written")
  @Description("Bytes written, headers and padding of batches included")
  @DataAmount
  long bytes;

  @Label("Durable End")
  @Description("Everything below this LSN is durable after it")
  long durableEndLsn;

  /** Whether anybody records such events; allocates nothing. */
  static boolean isOn() {
    return PROBE.isEnabled();
  }

  /** Counts a batch in. */
  void add(BatchBuffer batch) {
    records += batch.records();
    bytes += batch.paddedBytes();
    batches++;
  }
}
