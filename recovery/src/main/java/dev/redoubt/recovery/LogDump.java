package dev.redoubt.recovery;

import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogCursor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Predicate;

/**
 * Describes the records of a log, whether an engine has it open or not: {@link Log#openReadOnly}
 * will do. Reads only. Thread-safe.
 */
public final class LogDump {
  private final Log log;
  private final Managers managers;

  /**
   * A dump of {@code log}, which stays the caller's.
   *
   * @param managers whose changes are described in words; those of this module are added, others
   *     show as bytes
   */
  public LogDump(Log log, List<ResourceManager> managers) {
    this.log = log;
    this.managers = EngineOpening.withOwn(managers);
  }

  /**
   * Hands on every record from {@code fromLsn} on, while {@code consumer} says so.
   *
   * @param fromLsn an LSN at or after {@code log.startLsn()}, or 0
   * @throws dev.redoubt.io.CorruptionException if the log is damaged
   */
  public void forEach(long fromLsn, Predicate<LogEntry> consumer) {
    try (LogCursor cursor = log.cursor(Math.max(fromLsn, log.startLsn()))) {
      boolean goOn = true;
      while (goOn && cursor.next()) {
        goOn = consumer.test(describe(cursor.lsn(), cursor.payload()));
      }
    }
  }

  /** One record by its LSN. */
  public LogEntry at(long lsn) {
    return describe(lsn, MemorySegment.ofArray(log.read(lsn)));
  }

  /** Describes the record whose payload this is. */
  public LogEntry describe(long lsn, MemorySegment payload) {
    LogRecord record = LogRecordCodec.decode(payload, lsn);
    long transactionId = 0;
    long prevLsn = 0;
    if (record instanceof LogRecord.OfTransaction own) {
      transactionId = own.transactionId();
      prevLsn = own.prevLsn();
    }
    List<LogEntry.Page> pages =
        record instanceof LogRecord.Redoable redoable
            ? redoable.changes().stream().map(this::page).toList()
            : List.of();
    int bytes = Math.toIntExact(payload.byteSize());
    long undoNext = undoNextLsn(record);
    return new LogEntry(
        lsn, bytes, type(record), transactionId, prevLsn, undoNext, pages, detail(record));
  }

  private LogEntry.Page page(LogRecord.PageChange change) {
    ResourceManager manager = managers.find(change.managerId());
    String name = manager == null ? String.valueOf(change.managerId()) : manager.name();
    String description =
        manager == null ? change.body().byteSize() + " bytes" : manager.describe(change.body());
    return new LogEntry.Page(
        change.pageId(), name, change.prevPageLsn(), change.format(), description);
  }

  /** The name of a record's type, stable, in kebab case. */
  static String type(LogRecord record) {
    return switch (record) {
      case LogRecord.Update update -> update.nested() ? "nested-update" : "update";
      case LogRecord.Clr _ -> "clr";
      case LogRecord.NestedTopActionEnd _ -> "nested-top-action-end";
      case LogRecord.Commit _ -> "commit";
      case LogRecord.Abort _ -> "abort";
      case LogRecord.End _ -> "end";
      case LogRecord.Prepare _ -> "prepare";
      case LogRecord.UndoCopy _ -> "undo-copy";
      case LogRecord.PrepareMoved _ -> "prepare-moved";
      case LogRecord.UndoIndex _ -> "undo-index";
      case LogRecord.StructureChange _ -> "structure-change";
      case LogRecord.BeginCheckpoint _ -> "begin-checkpoint";
      case LogRecord.CheckpointTables _ -> "checkpoint-tables";
      case LogRecord.EndCheckpoint _ -> "end-checkpoint";
    };
  }

  private static long undoNextLsn(LogRecord record) {
    return switch (record) {
      case LogRecord.Clr clr -> clr.undoNextLsn();
      case LogRecord.NestedTopActionEnd end -> end.undoNextLsn();
      case LogRecord.Update _,
          LogRecord.Commit _,
          LogRecord.Abort _,
          LogRecord.End _,
          LogRecord.Prepare _,
          LogRecord.UndoCopy _,
          LogRecord.PrepareMoved _,
          LogRecord.UndoIndex _,
          LogRecord.StructureChange _,
          LogRecord.BeginCheckpoint _,
          LogRecord.CheckpointTables _,
          LogRecord.EndCheckpoint _ ->
          0;
    };
  }

  private static String detail(LogRecord record) {
    return switch (record) {
      case LogRecord.CheckpointTables tables ->
          "of checkpoint "
              + tables.beginLsn()
              + ", transactions "
              + tables.transactions().size()
              + ", dirty pages "
              + tables.dirtyPages().size();
      case LogRecord.EndCheckpoint end ->
          "of checkpoint " + end.beginLsn() + ", next transaction " + end.nextTransactionId();
      case LogRecord.Prepare prepare -> "global id of " + prepare.globalId().byteSize() + " bytes";
      case LogRecord.PrepareMoved moved -> "its undo begins at LSN " + moved.firstLsn();
      case LogRecord.UndoIndex index ->
          "where " + index.count() + " updates of transaction " + index.transactionId() + " are";
      case LogRecord.Update _,
          LogRecord.Clr _,
          LogRecord.NestedTopActionEnd _,
          LogRecord.Commit _,
          LogRecord.Abort _,
          LogRecord.End _,
          LogRecord.UndoCopy _,
          LogRecord.StructureChange _,
          LogRecord.BeginCheckpoint _ ->
          "";
    };
  }
}
