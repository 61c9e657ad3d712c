package dev.redoubt.demo.show;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A line that the child process prints: what, and a number. An acknowledgement is printed only
 * after {@code commit} has returned.
 *
 * @param what it is about
 * @param number of the transaction; for {@code LARGE_OPEN} entries put, for {@code CHECKPOINT} the
 *     LSN, for {@code UNDOING} records undone
 */
record Announcement(What what, long number) {
  enum What {
    BEGUN,
    ACKNOWLEDGED,
    ROLLED_BACK,
    LARGE_OPEN,
    CHECKPOINT,
    UNDOING,
    DONE
  }

  String line() {
    return what.name().toLowerCase(Locale.ROOT) + " " + number;
  }

  /** The announcement in {@code line}; null if it is anything else, such as half a line. */
  static @Nullable Announcement parse(String line) {
    int space = line.indexOf(' ');
    if (space < 0) {
      return null;
    }
    for (What what : What.values()) {
      if (what.name().toLowerCase(Locale.ROOT).equals(line.substring(0, space))) {
        try {
          return new Announcement(what, Long.parseLong(line.substring(space + 1)));
        } catch (NumberFormatException e) {
          return null;
        }
      }
    }
    return null;
  }
}
