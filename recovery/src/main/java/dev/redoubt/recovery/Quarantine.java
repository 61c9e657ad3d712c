package dev.redoubt.recovery;

import dev.redoubt.buffer.DirtyPage;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogHolder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Pages that restart could not bring up to date (rule 18): they are refused to everyone, stay in
 * every checkpoint's dirty page table with their recLSN, and their log is held, so that the next
 * restart tries again. Thread-safe.
 */
final class Quarantine implements AutoCloseable {
  private final ConcurrentSkipListMap<Long, Entry> pages = new ConcurrentSkipListMap<>();
  private @Nullable LogHolder holder;

  private record Entry(long recLsn, RuntimeException why) {}

  void add(long pageId, long recLsn, RuntimeException why) {
    pages.put(pageId, new Entry(recLsn, why));
  }

  List<Long> pageIds() {
    return List.copyOf(pages.keySet());
  }

  /** Why a page is here; null if it is not. */
  @Nullable RuntimeException why(long pageId) {
    Entry entry = pages.get(pageId);
    return entry == null ? null : entry.why();
  }

  boolean isEmpty() {
    return pages.isEmpty();
  }

  List<DirtyPage> entries() {
    List<DirtyPage> entries = new ArrayList<>();
    for (Map.Entry<Long, Entry> page : pages.entrySet()) {
      entries.add(new DirtyPage(page.getKey(), page.getValue().recLsn()));
    }
    return entries;
  }

  /** Holds the log that the pages, and the losers that could not be undone, need. */
  void hold(Log log, long oldestLoserLsn) {
    long from = oldestLoserLsn;
    for (Entry entry : pages.values()) {
      from = Math.min(from, entry.recLsn());
    }
    if (from != Long.MAX_VALUE) {
      holder = log.hold("quarantine", from);
    }
  }

  @Override
  public void close() {
    LogHolder held = holder;
    if (held != null) {
      holder = null;
      held.close();
    }
  }
}
