package dev.redoubt.wal;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.io.StorageException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What tests of the log have in common. */
final class Logs {
  private Logs() {}

  /** Small segments and buffers, no threads. */
  static final LogOptions SMALL =
      LogOptions.defaults()
          .withSegmentBytes(8 * 4096)
          .withBuffers(3, 2 * 4096)
          .withBackground(false);

  static Log create(Disk disk, LogOptions options) {
    return Log.create(disk, Environment.system(), options, new byte[] {1, 2, 3});
  }

  static Log open(Disk disk, LogOptions options) {
    return Log.open(disk, Environment.system(), options);
  }

  /** Closes a log in the middle of its try block, which closes it again to no effect. */
  static void close(Log log) {
    log.close();
  }

  static long append(Log log, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return log.append(MemorySegment.ofArray(bytes), 0, bytes.length);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  static String text(int number, int length) {
    return ("record " + number + " ").repeat(length / 8 + 1).substring(0, length);
  }

  /** What an opening finds whose records are read on the way to its end, or why it refuses. */
  static String readOnTheWay(Disk disk, LogOptions options) {
    try (LogOpening opening = LogOpening.begin(disk, Environment.system(), options)) {
      NavigableMap<Long, String> records = records(opening.cursorAhead(restartLsn(opening)));
      try (Log log = opening.log()) {
        return found(log, records);
      }
    } catch (StorageException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** The same of an opening that finds the end first. */
  static String opened(Disk disk, LogOptions options) {
    try (Log log = open(disk, options)) {
      return found(log, records(log.cursor(restartLsn(log))));
    } catch (StorageException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** The checkpoint, unless the master record was forged. */
  private static long restartLsn(LogRecords log) {
    return log.checkpointLsn() >= log.startLsn() ? log.checkpointLsn() : 0;
  }

  private static String found(Log log, NavigableMap<Long, String> records) {
    return log.startLsn() + " to " + log.endLsn() + ", " + log.master() + ": " + records;
  }

  /** All records by LSN. */
  static NavigableMap<Long, String> records(Log log) {
    return records(log.cursor(0));
  }

  private static NavigableMap<Long, String> records(LogCursor from) {
    NavigableMap<Long, String> all = new TreeMap<>();
    try (LogCursor cursor = from) {
      while (cursor.next()) {
        all.put(
            cursor.lsn(), text(cursor.payload().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)));
      }
    }
    return all;
  }

  static List<String> texts(Log log) {
    return new ArrayList<>(records(log).values());
  }
}
