package dev.redoubt.recovery;

import dev.redoubt.buffer.DirtyPage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The dirty page table that analysis rebuilds (ARIES §5.1): page id to recLSN. An open hash of two
 * arrays, since it may hold every page of a large pool. Confined to one thread while it is built.
 */
final class DirtyPageTable {
  private long[] pageIds = new long[64];
  private long[] recLsns = new long[64];
  private int size;

  /** The recLSN of a page; {@code Long.MAX_VALUE} if it is not in the table. */
  long recLsn(long pageId) {
    int slot = slot(pageId);
    return pageIds[slot] == 0 ? Long.MAX_VALUE : recLsns[slot];
  }

  boolean contains(long pageId) {
    return pageIds[slot(pageId)] != 0;
  }

  /** Enters the page, unless it is there: the first recLSN stays. */
  void addIfAbsent(long pageId, long recLsn) {
    int slot = slot(pageId);
    if (pageIds[slot] == 0) {
      pageIds[slot] = pageId;
      recLsns[slot] = recLsn;
      if (++size > pageIds.length / 2) {
        grow();
      }
    }
  }

  int size() {
    return size;
  }

  /** Smallest recLSN: where redo begins (ARIES §6.2); {@code Long.MAX_VALUE} if empty. */
  long redoLsn() {
    long smallest = Long.MAX_VALUE;
    for (int i = 0; i < pageIds.length; i++) {
      if (pageIds[i] != 0) {
        smallest = Math.min(smallest, recLsns[i]);
      }
    }
    return smallest;
  }

  long largestPageId() {
    return Arrays.stream(pageIds).max().orElse(0);
  }

  /** All entries, by page id. */
  List<DirtyPage> entries() {
    List<DirtyPage> entries = new ArrayList<>(size);
    for (int i = 0; i < pageIds.length; i++) {
      if (pageIds[i] != 0) {
        entries.add(new DirtyPage(pageIds[i], recLsns[i]));
      }
    }
    entries.sort(Comparator.comparingLong(DirtyPage::pageId));
    return entries;
  }

  private int slot(long pageId) {
    int mask = pageIds.length - 1;
    int slot = (int) ((pageId * 0x9E3779B97F4A7C15L) >>> 32) & mask;
    while (pageIds[slot] != 0 && pageIds[slot] != pageId) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldIds = pageIds;
    long[] oldLsns = recLsns;
    pageIds = new long[2 * oldIds.length];
    recLsns = new long[pageIds.length];
    for (int i = 0; i < oldIds.length; i++) {
      if (oldIds[i] != 0) {
        int slot = slot(oldIds[i]);
        pageIds[slot] = oldIds[i];
        recLsns[slot] = oldLsns[i];
      }
    }
  }
}
