package dev.redoubt.kv;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** JFR event: a transaction met a conflict. See {@code docs/observing.md}. */
@Name("dev.redoubt.Conflict")
@Label("Conflict")
@Category({"Redoubt", "Store"})
@Description("A transaction can only be rolled back: a deadlock, a wait too long, stale reads")
final class ConflictEvent extends Event {
  @Label("Transaction")
  long transactionId;

  @Label("Code")
  @Description("conflict or snapshot-too-old")
  String code = "";

  @Label("Reason")
  String reason = "";

  static void report(long transactionId, StoreException why) {
    ConflictEvent event = new ConflictEvent();
    event.transactionId = transactionId;
    event.code = why.code();
    event.reason = String.valueOf(why.getMessage());
    event.commit();
  }
}
