package dev.redoubt.recovery;

import dev.redoubt.buffer.DirtyPage;
import dev.redoubt.wal.LogSalvage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which pages may have had changes in the holes of a log. A change in a hole that was the last of
 * its page leaves no trace in the records behind it. What rules one out is the page itself, if it
 * is newer than the hole, and the last checkpoint behind the hole: a page that is not in its dirty
 * page table was home with everything before, one whose recLSN lies behind the hole too, and one
 * that is in it may tell its last record. One use, by one thread.
 */
final class HolesAndPages {
  private long begunLsn;
  private Map<Long, DirtyPage> begun = Map.of();

  /** Begin of the last checkpoint that is complete, and its dirty page table. */
  private long checkpointLsn;

  private Map<Long, DirtyPage> table = Map.of();
  private List<LogSalvage.Hole> holes = List.of();

  /** A record, in the order of LSNs. */
  void take(long lsn, LogRecord record) {
    switch (record) {
      case LogRecord.BeginCheckpoint _ -> {
        begunLsn = lsn;
        begun = new HashMap<>();
      }
      case LogRecord.CheckpointTables tables when tables.beginLsn() == begunLsn ->
          tables.dirtyPages().forEach(page -> begun.merge(page.pageId(), page, DirtyPage::and));
      case LogRecord.EndCheckpoint end when end.beginLsn() == begunLsn -> {
        checkpointLsn = begunLsn;
        table = begun;
      }
      default -> {}
    }
  }

  /** The log has been read; these could not be. */
  void holes(List<LogSalvage.Hole> found) {
    holes = List.copyOf(found);
  }

  /** In words how the version of a page may lack its last changes; empty if it cannot. */
  String mayLack(long pageId, long pageLsn) {
    for (LogSalvage.Hole hole : holes) {
      if (pageLsn < hole.toLsn() && !hadNone(hole, table.get(pageId), pageLsn)) {
        return "page "
            + pageId
            + " may lack changes after LSN "
            + pageLsn
            + ": the log cannot be read from LSN "
            + hole.fromLsn()
            + " to "
            + hole.toLsn();
      }
    }
    return "";
  }

  /** Whether the checkpoint shows that the page had no change in the hole that it lacks. */
  private boolean hadNone(LogSalvage.Hole hole, @Nullable DirtyPage entry, long pageLsn) {
    // Of a checkpoint that began before, a part of the table may lie in the hole.
    if (checkpointLsn < hole.toLsn()) {
      return false;
    }
    return entry == null
        || entry.recLsn() >= hole.toLsn()
        || (entry.headLsn() > DirtyPage.NO_HEAD && pageLsn >= entry.headLsn());
  }
}
