package dev.redoubt.recovery;

import dev.redoubt.wal.Log;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The records of one page that the log still holds, linked by prevPageLSN. The log must be held
 * meanwhile. One use, confined to one thread.
 */
final class PageChain {
  private final Log log;
  private final long pageId;

  /** LSNs of the chain, newest first. */
  private long[] lsns = new long[16];

  private int length;
  private boolean complete;

  PageChain(Log log, long pageId) {
    this.log = log;
    this.pageId = pageId;
  }

  /**
   * Follows the chain from {@code headLsn} back to a format record, to the record made against the
   * version {@code baseLsn} (-1 for none), or to where the log begins.
   */
  void walk(long headLsn, long baseLsn) {
    long at = headLsn;
    while (at >= log.startLsn() && at != 0) {
      LogRecord.PageChange change = read(at);
      if (change == null) {
        return;
      }
      add(at);
      if (change.format() || change.prevPageLsn() == baseLsn) {
        complete = true;
        return;
      }
      at = change.prevPageLsn();
    }
  }

  private void add(long lsn) {
    if (length == lsns.length) {
      lsns = Arrays.copyOf(lsns, 2 * length);
    }
    lsns[length++] = lsn;
  }

  /** Whether it reaches back to a format record, or to the base. */
  boolean isComplete() {
    return complete;
  }

  /** The oldest record of the chain that the log holds; 0 if there is none. */
  long firstLsn() {
    return length == 0 ? 0 : lsns[length - 1];
  }

  /** The newest; 0 if there is none. */
  long headLsn() {
    return length == 0 ? 0 : lsns[0];
  }

  /** Applies the whole chain to the base, or to whatever there is. */
  void apply(MemorySegment page, Managers managers) {
    for (int i = length - 1; i >= 0; i--) {
      LogRecord.PageChange change = read(lsns[i]);
      if (change == null) {
        throw new IllegalStateException("the record at LSN " + lsns[i] + " has changed");
      }
      managers.get(change.managerId()).redo(page, pageId, change.body());
    }
  }

  private LogRecord.@Nullable PageChange read(long lsn) {
    return change(LogRecordCodec.decode(MemorySegment.ofArray(log.read(lsn)), lsn));
  }

  private LogRecord.@Nullable PageChange change(LogRecord record) {
    if (record instanceof LogRecord.Redoable redoable) {
      for (LogRecord.PageChange change : redoable.changes()) {
        if (change.pageId() == pageId) {
          return change;
        }
      }
    }
    return null;
  }
}
