package dev.redoubt.crash.sweep;

import dev.redoubt.crash.disk.CrashChoice;

/**
 * A crash: just before the mutating call {@code ordinal} of a disk takes effect (or after the last,
 * when there are no more), with {@code choice} deciding about everything unforced.
 */
public record CrashPoint(long ordinal, CrashChoice choice) {
  @Override
  public String toString() {
    return ordinal + "@" + choice;
  }

  /** Reads what {@link #toString} printed. */
  static CrashPoint parse(String text) {
    int at = text.indexOf('@');
    if (at < 0) {
      throw new IllegalArgumentException("not a crash point: " + text);
    }
    return new CrashPoint(
        Long.parseLong(text.substring(0, at)), CrashChoice.parse(text.substring(at + 1)));
  }
}
