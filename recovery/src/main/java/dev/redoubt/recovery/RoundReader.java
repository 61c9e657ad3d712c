package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import java.util.Arrays;

/**
 * Sorts the changes of records into rounds of redo: the first two of the tests that skip a change,
 * page not in the dirty page table and LSN below its recLSN, are made here (ARIES §6.2). Confined
 * to one thread at a time.
 */
final class RoundReader {
  private final DirtyPageTable table;

  /** Pages with records below their entry or without one, and how many: their changes are home. */
  private final DirtyPageTable home = new DirtyPageTable();

  private int[] homeChanges = new int[64];
  private long skippedRecLsn;
  private long skippedNotDirty;

  /**
   * @param table may still grow: by the pages of records that are added later
   */
  RoundReader(DirtyPageTable table) {
    this.table = table;
  }

  /** Adds what redo may have to apply of this record; false if the round is full without it. */
  boolean add(RecordView record, RedoRound round) {
    int parts = record.parts();
    if (parts != 0 && !round.hasRoomFor(parts, record.bodyBytes())) {
      return false;
    }
    for (int part = 0; part < parts; part++) {
      int entry = table.find(record.pageId(part));
      if (entry < 0) {
        addHome(record.pageId(part), record.lsn());
      } else if (record.lsn() < table.recLsnOf(entry)) {
        skippedRecLsn++;
      } else {
        round.add(entry, record, part);
      }
    }
    round.countRecord();
    return true;
  }

  private void addHome(long pageId, long lsn) {
    int entry = home.addIfAbsent(pageId, lsn);
    home.advanceHead(entry, lsn);
    if (entry >= homeChanges.length) {
      homeChanges = Arrays.copyOf(homeChanges, 2 * entry);
    }
    homeChanges[entry]++;
  }

  /**
   * The table is complete. Pages that are not in it are home, with the changes that were met:
   * should an older one come back, a write was lost.
   */
  void tellHome(BufferPool pool) {
    for (int entry = 0; entry < home.size(); entry++) {
      if (table.contains(home.pageId(entry))) {
        skippedRecLsn += homeChanges[entry];
      } else {
        skippedNotDirty += homeChanges[entry];
        pool.expectVersion(home.pageId(entry), home.headLsnOf(entry));
      }
      homeChanges[entry] = 0;
    }
  }

  /** Changes skipped: page not in the table; as of the last {@link #tellHome}. */
  long skippedNotDirty() {
    return skippedNotDirty;
  }

  /** Changes skipped: LSN below recLSN; as of the last {@link #tellHome}. */
  long skippedRecLsn() {
    return skippedRecLsn;
  }
}
