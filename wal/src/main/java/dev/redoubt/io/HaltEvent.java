package dev.redoubt.io;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** JFR event: a gate was shut. See {@code docs/observing.md}. */
@Name("dev.redoubt.Halt")
@Label("Halt")
@Category({"Redoubt", "Disk"})
@Description("The engine halted after a failure and writes nothing more until it is opened again")
final class HaltEvent extends Event {
  @Label("Reason")
  @Description("The failure that came first: its type and message")
  String reason = "";
}
