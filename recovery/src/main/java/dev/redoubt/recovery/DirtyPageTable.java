package dev.redoubt.recovery;

import dev.redoubt.buffer.DirtyPage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The dirty page table that analysis rebuilds (ARIES §5.1): page id to recLSN, and to the page's
 * last record, the head of its chain. Entries are numbered from 0 in the order in which they came.
 * Arrays and an open hash of numbers, since it may hold every page of a large pool. Confined to one
 * thread while it is built, then safe from any.
 */
final class DirtyPageTable {
  private int[] hash = new int[128]; // number of the entry + 1
  private long[] pageIds = new long[64];
  private long[] recLsns = new long[64];
  private long[] headLsns = new long[64];
  private boolean[] headless = new boolean[64];
  private int size;

  /** The number of the page's entry; -1 if it has none. */
  int find(long pageId) {
    return hash[slot(pageId)] - 1;
  }

  long pageId(int entry) {
    return pageIds[entry];
  }

  /** The recLSN of an entry. */
  long recLsnOf(int entry) {
    return recLsns[entry];
  }

  /** The last record of the page at or above its recLSN that was met; 0 if none was. */
  long headLsnOf(int entry) {
    return headLsns[entry];
  }

  /** The recLSN of a page; {@code Long.MAX_VALUE} if it is not in the table. */
  long recLsn(long pageId) {
    int entry = find(pageId);
    return entry < 0 ? Long.MAX_VALUE : recLsns[entry];
  }

  boolean contains(long pageId) {
    return find(pageId) >= 0;
  }

  /** Enters the page, unless it is there: the first recLSN stays. The number of its entry. */
  int addIfAbsent(long pageId, long recLsn) {
    int slot = slot(pageId);
    if (hash[slot] != 0) {
      return hash[slot] - 1;
    }
    if (size == pageIds.length) {
      grow();
      slot = slot(pageId);
    }
    pageIds[size] = pageId;
    recLsns[size] = recLsn;
    hash[slot] = ++size;
    return size - 1;
  }

  /** A record of the page was met; the last one stays. */
  void advanceHead(int entry, long lsn) {
    headLsns[entry] = Math.max(headLsns[entry], lsn);
  }

  /** An entry as a checkpoint copied it; one of the page that is here already stays. */
  void load(DirtyPage page) {
    int entry = addIfAbsent(page.pageId(), page.recLsn());
    if (page.headLsn() == 0) {
      headless[entry] = true;
    } else if (page.headLsn() >= recLsns[entry]) {
      advanceHead(entry, page.headLsn());
    }
  }

  /**
   * Smallest recLSN of the pages of which nobody has said or met the last record: it has to be
   * looked for from there on. {@code Long.MAX_VALUE} if there is none.
   *
   * @param metLsn whatever has a record from there on has been met
   */
  long headlessFrom(long metLsn) {
    long from = Long.MAX_VALUE;
    for (int i = 0; i < size; i++) {
      if (headless[i] && headLsns[i] < metLsn) {
        from = Math.min(from, recLsns[i]);
      }
    }
    return from;
  }

  int size() {
    return size;
  }

  /** Smallest recLSN: where redo begins (ARIES §6.2); {@code Long.MAX_VALUE} if empty. */
  long redoLsn() {
    return Arrays.stream(recLsns, 0, size).min().orElse(Long.MAX_VALUE);
  }

  /** All entries, by page id. */
  List<DirtyPage> entries() {
    List<DirtyPage> entries = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      entries.add(new DirtyPage(pageIds[i], recLsns[i], Math.max(headLsns[i], DirtyPage.NO_HEAD)));
    }
    entries.sort(Comparator.comparingLong(DirtyPage::pageId));
    return entries;
  }

  private int slot(long pageId) {
    int mask = hash.length - 1;
    int slot = (int) ((pageId * 0x9E3779B97F4A7C15L) >>> 32) & mask;
    while (hash[slot] != 0 && pageIds[hash[slot] - 1] != pageId) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    pageIds = Arrays.copyOf(pageIds, 2 * size);
    recLsns = Arrays.copyOf(recLsns, 2 * size);
    headLsns = Arrays.copyOf(headLsns, 2 * size);
    headless = Arrays.copyOf(headless, 2 * size);
    hash = new int[2 * hash.length];
    for (int i = 0; i < size; i++) {
      hash[slot(pageIds[i])] = i + 1;
    }
  }
}
