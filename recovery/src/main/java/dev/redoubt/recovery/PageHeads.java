package dev.redoubt.recovery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogCursor;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The last record of each page, for damaged pages of which nobody knows which version they should
 * be. Found by reading the log: all of it for the first page that is asked for, and from where that
 * ended for the others, and for the same one again. <em>Else every loser under one bad sector reads
 * the whole log.</em> Thread-safe; the log must be held meanwhile.
 */
final class PageHeads {
  private final Log log;
  private final ReentrantLock headsLatch = new ReentrantLock();

  @GuardedBy("headsLatch")
  private final RecordView view = new RecordView();

  @GuardedBy("headsLatch")
  private final DirtyPageTable heads = new DirtyPageTable();

  /** The last record read; 0 if none was. */
  @GuardedBy("headsLatch")
  private long lastLsn;

  @GuardedBy("headsLatch")
  private long recordsRead;

  PageHeads(Log log) {
    this.log = log;
  }

  /** LSN of the page's last record in the log; 0 if it has none there. */
  long head(long pageId) {
    headsLatch.lock();
    try {
      readOn();
      int entry = heads.find(pageId);
      long head = entry < 0 ? 0 : heads.headLsnOf(entry);
      return head < log.startLsn() ? 0 : head;
    } finally {
      headsLatch.unlock();
    }
  }

  @GuardedBy("headsLatch")
  private void readOn() {
    boolean begun = lastLsn >= log.startLsn() && lastLsn != 0;
    try (LogCursor cursor = begun ? log.cursorAheadAt(lastLsn) : log.cursorAhead(0)) {
      while (cursor.next()) {
        long lsn = cursor.lsn();
        view.read(cursor.payload(), lsn);
        for (int part = 0; part < view.parts(); part++) {
          heads.advanceHead(heads.addIfAbsent(view.pageId(part), lsn), lsn);
        }
        lastLsn = lsn;
        recordsRead++;
      }
    }
  }

  /** How many records it has read, those that it read again included. */
  long recordsRead() {
    headsLatch.lock();
    try {
      return recordsRead;
    } finally {
      headsLatch.unlock();
    }
  }
}
