package dev.redoubt.demo.inspect;

import dev.redoubt.demo.output.Text;
import dev.redoubt.recovery.LogPin;
import java.util.List;

/** What keeps the log from being recycled, for people. */
public final class PinsView {
  private PinsView() {}

  /** The one that bounds truncation, and how many more there are. */
  public static String line(List<LogPin> pins) {
    if (pins.isEmpty()) {
      return "nothing";
    }
    String others = pins.size() == 1 ? "" : "; then " + names(pins.subList(1, pins.size()));
    return text(pins.getFirst()) + others;
  }

  private static String names(List<LogPin> pins) {
    return String.join(", ", pins.stream().map(PinsView::text).toList());
  }

  private static String text(LogPin pin) {
    return pin.name() + " (LSN " + pin.lsn() + ", " + Text.bytes(pin.bytes()) + ")";
  }
}
