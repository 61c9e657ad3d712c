package dev.redoubt.recovery;

import dev.redoubt.io.Disk;
import dev.redoubt.io.Environment;
import dev.redoubt.wal.LogCursor;
import dev.redoubt.wal.LogOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Small engines without threads, and what tests do with them again and again. */
final class Engines {
  static final Cells CELLS = new Cells();

  static final EngineOptions SMALL =
      EngineOptions.defaults()
          .withPageSize(4096)
          .withFrames(16)
          .withLog(
              LogOptions.defaults()
                  .withSegmentBytes(256 << 10)
                  .withBuffers(2, 64 << 10)
                  .withDirectIo(false))
          .withCheckpoints(1L << 40, Duration.ofDays(1))
          .withBackground(false)
          .withPages(TestPages.KIND);

  private Engines() {}

  static Engine open(Disk disk) {
    return open(disk, SMALL);
  }

  static Engine open(Disk disk, EngineOptions options) {
    return Engine.open(disk, Environment.system(), options, List.of(CELLS), RecoveryListener.NONE);
  }

  /** Commits and waits until it is durable. */
  static void commit(Engine engine, Transaction transaction) {
    long lsn = transaction.commit();
    if (lsn != 0) {
      engine.log().force(lsn);
    }
    transaction.end();
  }

  /** Logs a structure change with room of its own. */
  static long change(Engine engine, AtomicChange change) {
    try (ChangeRoom room = engine.structureSpace().room(1)) {
      return engine.change(change, room);
    }
  }

  /** All records that are in the log. */
  static List<LogEntry> records(Engine engine) {
    engine.log().forceAll();
    List<LogEntry> entries = new ArrayList<>();
    new LogDump(engine.log(), List.of(CELLS))
        .forEach(
            0,
            entry -> {
              entries.add(entry);
              return true;
            });
    return entries;
  }

  static long count(Engine engine, String type, long transactionId) {
    return records(engine).stream()
        .filter(e -> e.type().equals(type) && e.transactionId() == transactionId)
        .count();
  }

  /** Decoded records from {@code fromLsn} on. */
  static List<LogRecord> decoded(Engine engine, long fromLsn) {
    engine.log().forceAll();
    List<LogRecord> records = new ArrayList<>();
    try (LogCursor cursor = engine.log().cursor(fromLsn)) {
      while (cursor.next()) {
        records.add(LogRecordCodec.decode(cursor.payload(), cursor.lsn()));
      }
    }
    return records;
  }
}
