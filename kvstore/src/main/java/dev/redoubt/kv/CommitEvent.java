package dev.redoubt.kv;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/** JFR event: a read-write transaction committed. See {@code docs/observing.md}. */
@Name("dev.redoubt.Commit")
@Label("Commit")
@Category({"Redoubt", "Store"})
@Description("A read-write transaction committed; lasts from the call to its return")
@StackTrace(false)
@Threshold("20 ms")
final class CommitEvent extends Event {
  private static final CommitEvent PROBE = new CommitEvent();

  @Label("Transaction")
  long transactionId;

  @Label("Commit LSN")
  @Description("0 if it wrote nothing")
  long commitLsn;

  @Label("Keys")
  @Description("Keys that it owned")
  int keys;

  /** One that has begun, if anybody records such events; allocates nothing else. */
  static @Nullable CommitEvent beginIfOn() {
    if (!PROBE.isEnabled()) {
      return null;
    }
    CommitEvent event = new CommitEvent();
    event.begin();
    return event;
  }

  static void end(CommitEvent event, long id, long lsn, int ownedKeys) {
    event.transactionId = id;
    event.commitLsn = lsn;
    event.keys = ownedKeys;
    event.commit();
  }
}
