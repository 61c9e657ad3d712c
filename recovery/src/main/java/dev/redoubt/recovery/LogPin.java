package dev.redoubt.recovery;

import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogHolder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Something that keeps log from being recycled.
 *
 * @param name for people: {@code checkpoint}, {@code oldest transaction}, {@code oldest dirty
 *     page}, or the name of a holder, such as {@code slot orders}
 * @param lsn it needs the log from here on
 * @param bytes from there to the end of the log
 */
public record LogPin(String name, long lsn, long bytes) {
  /**
   * Everything that pins the log, the one that bounds truncation first.
   *
   * <p>The log is recycled below the bound in the forced master record (rule 12) and below every
   * holder. Where that bound is a transaction's or a page's, the next checkpoint would name it
   * again, so it goes by their name; else by that of the checkpoint, and the next one moves it.
   *
   * @param oldestFirstLsn of any transaction; {@code Long.MAX_VALUE} if there is none
   * @param oldestRecLsn of any page; {@code Long.MAX_VALUE} if there is none
   */
  static List<LogPin> of(Log log, long oldestFirstLsn, long oldestRecLsn) {
    long end = log.endLsn();
    long bound = log.master().boundLsn();
    List<LogPin> pins = new ArrayList<>();
    if (oldestFirstLsn > bound && oldestRecLsn > bound) {
      add(pins, "checkpoint", bound, end);
    }
    add(pins, "oldest transaction", oldestFirstLsn, end);
    add(pins, "oldest dirty page", oldestRecLsn, end);
    for (LogHolder holder : log.holders()) {
      add(pins, holder.name(), holder.lsn(), end);
    }
    pins.sort(Comparator.comparingLong(LogPin::lsn));
    return pins;
  }

  private static void add(List<LogPin> pins, String name, long lsn, long end) {
    if (lsn != Long.MAX_VALUE) {
      pins.add(new LogPin(name, lsn, Math.max(0, end - lsn)));
    }
  }

  /** The same of a log that is only looked at: nothing is known of transactions and pages. */
  public static List<LogPin> of(Log log) {
    return of(log, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  /** Everything the log has: its start may move on between the question and the hold. */
  static LogHolder holdStart(Log log, String name) {
    while (true) {
      long startLsn = log.startLsn();
      try {
        return log.hold(name, startLsn);
      } catch (IllegalArgumentException gone) {
        if (log.startLsn() == startLsn) {
          throw gone;
        }
      }
    }
  }
}
