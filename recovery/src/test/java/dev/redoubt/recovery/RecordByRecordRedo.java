package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.PageGuard;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogCursor;
import java.util.SortedMap;
import java.util.TreeMap;

/** Redo as the paper has it, one record after the other: what the grouped one is held against. */
final class RecordByRecordRedo {
  private final Log log;
  private final BufferPool pool;
  private final Managers managers;
  private final AnalysisResult analysis;
  private final TreeMap<Long, Redo.Suspect> suspects = new TreeMap<>();
  private long redone;
  private long skippedNotDirty;
  private long skippedRecLsn;
  private long skippedPageLsn;

  RecordByRecordRedo(Log log, BufferPool pool, Managers managers, AnalysisResult analysis) {
    this.log = log;
    this.pool = pool;
    this.managers = managers;
    this.analysis = analysis;
  }

  /** Runs the pass; {@link #suspects} are set aside then. */
  void run() {
    long fromLsn = analysis.redoLsn();
    if (fromLsn < analysis.endLsn()) {
      try (LogCursor cursor = log.cursor(fromLsn)) {
        while (cursor.next() && cursor.lsn() < analysis.endLsn()) {
          long lsn = cursor.lsn();
          if (LogRecordCodec.decode(cursor.payload(), lsn) instanceof LogRecord.Redoable record) {
            for (LogRecord.PageChange change : record.changes()) {
              redo(lsn, change);
            }
          }
        }
      }
    }
  }

  /** Pages that could not be brought up to date, by id. */
  SortedMap<Long, Redo.Suspect> suspects() {
    return suspects;
  }

  private void redo(long lsn, LogRecord.PageChange change) {
    long recLsn = analysis.dirtyPages().recLsn(change.pageId());
    if (recLsn == Long.MAX_VALUE) {
      // Not in the table: the change is home. Should an older page come back, a write was lost.
      pool.expectVersion(change.pageId(), lsn);
      skippedNotDirty++;
      return;
    }
    if (lsn < recLsn) {
      skippedRecLsn++;
      return;
    }
    if (!change.format() && !suspects.isEmpty() && suspects.containsKey(change.pageId())) {
      suspects.compute(change.pageId(), (id, known) -> new Redo.Suspect(known.why(), lsn));
      return;
    }
    try (PageGuard guard = pool.forRedo(change.pageId())) {
      redo(lsn, recLsn, change, guard);
    }
  }

  private void redo(long lsn, long recLsn, LogRecord.PageChange change, PageGuard guard) {
    RuntimeException unreadable = guard.unreadable();
    if (unreadable == null && guard.pageLsn() >= lsn) {
      guard.prepareRedo(recLsn);
      skippedPageLsn++;
      return;
    }
    if (!change.format()) {
      if (unreadable != null) {
        suspects.put(change.pageId(), new Redo.Suspect(unreadable, lsn));
        return;
      }
      if (guard.pageLsn() != change.prevPageLsn()) {
        RuntimeException lost = new IllegalStateException("lost write");
        suspects.put(change.pageId(), new Redo.Suspect(lost, lsn));
        guard.giveUp();
        return;
      }
    }
    guard.prepareRedo(recLsn);
    try {
      managers.get(change.managerId()).redo(guard.page(), change.pageId(), change.body());
    } catch (RuntimeException | AssertionError bug) {
      // The page is the very version, the record is whole: nobody's fault but the manager's. It
      // must not keep the store shut (rule 18); what it half did leaves memory with the guard.
      guard.giveUp();
      suspects.put(change.pageId(), new Redo.Suspect(new IllegalStateException(bug), lsn));
      return;
    }
    guard.changed(lsn);
    if (!suspects.isEmpty()) {
      suspects.remove(change.pageId());
    }
    redone++;
  }

  long redone() {
    return redone;
  }

  long skippedNotDirty() {
    return skippedNotDirty;
  }

  long skippedRecLsn() {
    return skippedRecLsn;
  }

  long skippedPageLsn() {
    return skippedPageLsn;
  }
}
