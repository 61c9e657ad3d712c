package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.DirtyPage;
import dev.redoubt.buffer.PageGivenUpException;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogHolder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Pages that could be brought up to date neither by restart nor when they were found damaged later
 * (rule 18): they are refused to everyone, stay in every checkpoint's dirty page table with a
 * recLSN, and their log is held, so that the next restart tries again; until an operator gives one
 * up ({@link GivingUp}), of which no log is needed any more. Thread-safe.
 */
final class Quarantine implements AutoCloseable {
  private static final long NO_LOG = Long.MAX_VALUE;

  private final Log log;
  private final ConcurrentSkipListMap<Long, Entry> pages = new ConcurrentSkipListMap<>();
  private final ReentrantLock holdLatch = new ReentrantLock();
  private @Nullable LogHolder holder; // guarded by holdLatch
  private long oldestLoserLsn = NO_LOG; // guarded by holdLatch

  private record Entry(long recLsn, long headLsn, RuntimeException why) {
    boolean isGivenUp() {
      return why instanceof PageGivenUpException;
    }

    Entry and(Entry now) {
      if (isGivenUp() || now.isGivenUp()) {
        return now.isGivenUp() ? now : this;
      }
      return new Entry(Math.min(recLsn, now.recLsn), Math.max(headLsn, now.headLsn), now.why);
    }
  }

  Quarantine(Log log) {
    this.log = log;
  }

  /**
   * Takes a page in, or another recLSN of one that is here: the smaller one stays. The caller holds
   * the log from there on.
   *
   * @param recLsn first record that the stored page lacks and the log has; 0 if it has none
   * @param headLsn the page's last record; 0 if it is not known
   */
  void add(long pageId, long recLsn, long headLsn, RuntimeException why) {
    boolean givenUp = why instanceof PageGivenUpException; // no log brings it back
    Entry entry = new Entry(givenUp || recLsn == 0 ? NO_LOG : recLsn, headLsn, why);
    pages.merge(pageId, entry, Entry::and);
    hold();
  }

  /** The page is whole again. */
  void remove(long pageId) {
    if (pages.remove(pageId) != null) {
      hold();
    }
  }

  List<Long> pageIds() {
    return List.copyOf(pages.keySet());
  }

  /** Why a page is here; null if it is not. */
  @Nullable RuntimeException why(long pageId) {
    Entry entry = pages.get(pageId);
    return entry == null ? null : entry.why();
  }

  /** Has the pool refuse a page that is here. */
  void refuseIn(BufferPool pool, long pageId) {
    pool.refuse(pageId, Objects.requireNonNull(why(pageId)));
  }

  /** Whether no page here needs the next restart to try again. */
  boolean isEmpty() {
    return entries().isEmpty();
  }

  /** Pages whose log is here, for the dirty page table of a checkpoint. */
  List<DirtyPage> entries() {
    List<DirtyPage> entries = new ArrayList<>();
    for (Map.Entry<Long, Entry> page : pages.entrySet()) {
      if (page.getValue().recLsn() != NO_LOG) {
        Entry entry = page.getValue();
        entries.add(new DirtyPage(page.getKey(), entry.recLsn(), entry.headLsn()));
      }
    }
    return entries;
  }

  /** Whether the log is held by this hold. */
  @SuppressWarnings("ReferenceEquality") // this one, not one like it
  boolean isHolder(LogHolder one) {
    holdLatch.lock();
    try {
      return one == holder;
    } finally {
      holdLatch.unlock();
    }
  }

  /** What to do about it, for a message that names the hold. */
  String advice() {
    List<Long> ids = entries().stream().map(DirtyPage::pageId).toList();
    return " for pages "
        + ids
        + ": put copies of them back, or give them up ('redoubt give-up', Engine.giveUp)";
  }

  /** Holds the log that losers need, too, that could not be undone; from now until the close. */
  void holdForLosers(long oldestLsn) {
    holdLatch.lock();
    try {
      oldestLoserLsn = oldestLsn;
    } finally {
      holdLatch.unlock();
    }
    hold();
  }

  private void hold() {
    holdLatch.lock();
    try {
      long from = oldestLoserLsn;
      for (Entry entry : pages.values()) {
        from = Math.min(from, entry.recLsn());
      }
      LogHolder before = holder;
      holder = from == NO_LOG ? null : log.hold("quarantine", from);
      if (before != null) {
        before.close();
      }
    } finally {
      holdLatch.unlock();
    }
  }

  @Override
  public void close() {
    holdLatch.lock();
    try {
      if (holder != null) {
        holder.close();
        holder = null;
      }
    } finally {
      holdLatch.unlock();
    }
  }
}
