package dev.redoubt.kv;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** JFR event: a transaction waited for a key. See {@code docs/observing.md}. */
@Name("dev.redoubt.KeyWait")
@Label("Key Wait")
@Category({"Redoubt", "Store"})
@Description("A transaction waited for the owner of a key to end")
@Threshold("10 ms")
final class KeyWaitEvent extends Event {
  @Label("Transaction")
  long transactionId;

  @Label("Owner")
  @Description("Transaction that was waited for")
  long ownerId;

  @Label("Outcome")
  @Description("OVER, DEADLOCK, OWN_THREAD, CHOSEN or TIMED_OUT")
  String outcome = "";

  static KeyWaitEvent begun() {
    KeyWaitEvent event = new KeyWaitEvent();
    event.begin();
    return event;
  }
}
