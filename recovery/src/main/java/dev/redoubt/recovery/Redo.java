package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.PageGuard;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogCursor;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The second pass (ARIES §6.2, Redo Pass): repeats history, losers included, from the smallest
 * recLSN on. Used once, by one thread.
 *
 * <p><b>Differences from the paper.</b>
 *
 * <ul>
 *   <li>A record is applied only to the exact version that it was made against (I-5); a page that
 *       is older than its chain says (a lost write) or unreadable is set aside, and cured by a
 *       later record that formats it, else rebuilt from its chain further back in the log, else it
 *       goes into quarantine (rule 18).
 *   <li>No page leaves the table because its pageLSN is new enough: the version that was read may
 *       stand in a cache only. It becomes dirty with its recLSN from analysis (rule 13). The
 *       paper's correction of recLSN on the way (§6.2) is left out for the same reason.
 * </ul>
 */
final class Redo {
  private static final System.Logger LOG = System.getLogger(Redo.class.getName());

  private final Log log;
  private final BufferPool pool;
  private final Managers managers;
  private final AnalysisResult analysis;
  private final RestartCheckpoints checkpoints;
  private final RecoveryMeter listener;
  private final TreeMap<Long, Suspect> suspects = new TreeMap<>();
  private long redone;
  private long skippedNotDirty;
  private long skippedRecLsn;
  private long skippedPageLsn;

  Redo(
      Log log,
      BufferPool pool,
      Managers managers,
      AnalysisResult analysis,
      RestartCheckpoints checkpoints,
      RecoveryMeter listener) {
    this.checkpoints = checkpoints;
    this.log = log;
    this.pool = pool;
    this.managers = managers;
    this.analysis = analysis;
    this.listener = listener;
  }

  /**
   * A page that could not be brought up to date by this pass.
   *
   * @param lastLsn its last record in the log
   */
  record Suspect(RuntimeException why, long lastLsn) {}

  /** Runs the pass; {@link #suspects} are set aside then. */
  void run() {
    long fromLsn = analysis.redoLsn();
    long count = 0;
    if (fromLsn < analysis.endLsn()) {
      try (LogCursor cursor = log.cursor(fromLsn)) {
        while (cursor.next() && cursor.lsn() < analysis.endLsn()) {
          long lsn = cursor.lsn();
          checkpoints.inRedo(lsn, suspects.keySet());
          if (LogRecordCodec.decode(cursor.payload(), lsn) instanceof LogRecord.Redoable record) {
            for (LogRecord.PageChange change : record.changes()) {
              redo(lsn, change);
            }
          }
          count++;
          listener.progress(RecoveryListener.Phase.REDO, lsn, fromLsn, analysis.endLsn(), count);
        }
      }
    }
  }

  /** Pages that could not be brought up to date, by id. */
  SortedMap<Long, Suspect> suspects() {
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
      suspects.compute(change.pageId(), (id, known) -> new Suspect(known.why(), lsn));
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
        suspects.put(change.pageId(), new Suspect(unreadable, lsn));
        return;
      }
      if (guard.pageLsn() != change.prevPageLsn()) {
        RuntimeException lost = lostWrite(lsn, change, guard.pageLsn());
        suspects.put(change.pageId(), new Suspect(lost, lsn));
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
      suspects.put(change.pageId(), new Suspect(brokenRedo(lsn, change, bug), lsn));
      return;
    }
    guard.changed(lsn);
    if (!suspects.isEmpty()) {
      suspects.remove(change.pageId());
    }
    redone++;
  }

  private RuntimeException brokenRedo(long lsn, LogRecord.PageChange change, Throwable bug) {
    CorruptionException told =
        new CorruptionException(
            "redo of the record at LSN "
                + lsn
                + " on page "
                + change.pageId()
                + " failed in resource manager "
                + managers.get(change.managerId()).name()
                + ", which is an error of this program: "
                + bug
                + "; the page is in quarantine, the rest works",
            bug);
    LOG.log(System.Logger.Level.ERROR, told.getMessage(), told);
    return told;
  }

  private static CorruptionException lostWrite(
      long lsn, LogRecord.PageChange change, long pageLsn) {
    return new CorruptionException(
        "page "
            + change.pageId()
            + " is not the version that the record at LSN "
            + lsn
            + " was made against: expected pageLSN "
            + change.prevPageLsn()
            + ", found "
            + pageLsn
            + " (a write of the page was lost); the page is in quarantine, the rest works;"
            + " restore the page from a copy");
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
