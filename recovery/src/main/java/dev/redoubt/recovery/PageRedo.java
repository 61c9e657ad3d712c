package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.PageGivenUpException;
import dev.redoubt.buffer.PageGuard;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.Environment;
import dev.redoubt.io.LazyLogger;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Redoes the changes of one page after the other (ARIES §6.2). One for each thread, with counts of
 * its own; a page is with one thread at a time.
 */
final class PageRedo {
  private static final System.Logger LOG = LazyLogger.of(PageRedo.class);

  private final BufferPool pool;
  private final Managers managers;
  private final Map<Long, Redo.Suspect> suspects;
  private final @Nullable OwedPages owed;
  private final Environment clock;
  private long[] lsns = new long[64];
  private long redone;
  private long skippedPageLsn;
  private long pagesAsked;
  private long waitedNanos;

  /**
   * @param suspects of all threads: pages that could not be brought up to date
   * @param owed if the store is open meanwhile: pages that users have completed are left alone, and
   *     shown to nobody before they are complete
   */
  PageRedo(
      BufferPool pool,
      Managers managers,
      Map<Long, Redo.Suspect> suspects,
      @Nullable OwedPages owed,
      Environment clock) {
    this.pool = pool;
    this.managers = managers;
    this.suspects = suspects;
    this.owed = owed;
    this.clock = clock;
  }

  /**
   * Applies what the round has for the page.
   *
   * @param entry the page's in the table of analysis
   * @param recLsn its analysis recLSN
   */
  void redo(RedoRound round, int entry, long pageId, long recLsn) {
    int to = round.to(entry);
    int change = passSuspect(round, round.from(entry), to, pageId);
    while (change != to) {
      change = apply(round, change, to, pageId, recLsn);
      change = passSuspect(round, change, to, pageId);
    }
  }

  /** Of a page that is a suspect only a format is worth a try: the first change from there on. */
  private int passSuspect(RedoRound round, int first, int to, long pageId) {
    Redo.Suspect suspect = suspects.isEmpty() ? null : suspects.get(pageId);
    int change = first;
    if (suspect != null) {
      long lastLsn = suspect.lastLsn();
      while (change != to && !round.isFormat(change)) {
        lastLsn = round.lsn(change++);
      }
      suspects.put(pageId, new Redo.Suspect(suspect.why(), lastLsn));
    }
    return change;
  }

  /** Applies changes to the end, or until one cannot be; the one after it then, else the end. */
  private int apply(RedoRound round, int first, int to, long pageId, long recLsn) {
    try (PageGuard guard = page(pageId)) {
      if (guard == null) {
        return to; // somebody had it completed
      }
      readAhead(round, first, to);
      @Nullable RuntimeException unreadable = guard.unreadable();
      long pageLsn = guard.pageLsn();
      for (int change = first; change != to; change++) {
        long lsn = lsns[change - first];
        if (unreadable == null && pageLsn >= lsn) {
          guard.prepareRedo(recLsn);
          skippedPageLsn++;
          continue;
        }
        if (!round.isFormat(change) || isGivenUpSince(lsn, unreadable)) {
          if (unreadable != null) {
            return suspect(round, change, pageId, unreadable);
          }
          if (pageLsn != round.prevPageLsn(change)) {
            guard.giveUp();
            return suspect(round, change, pageId, lostWrite(round, change, pageId, pageLsn));
          }
        }
        guard.prepareRedo(recLsn);
        ResourceManager manager = managers.get(round.managerId(change));
        try {
          manager.redo(guard.page(), pageId, round.body(change));
        } catch (RuntimeException | AssertionError bug) {
          // The page is the very version, the record is whole: nobody's fault but the manager's. It
          // must not keep the store shut (rule 18); what it half did leaves memory with the guard.
          guard.giveUp();
          return suspect(round, change, pageId, brokenRedo(lsn, pageId, manager, bug));
        }
        guard.changed(lsn);
        pageLsn = lsn;
        unreadable = null;
        redone++;
        if (!suspects.isEmpty()) {
          suspects.remove(pageId);
        }
      }
      if (owed != null && owed.isLast(pageId, pageLsn)) {
        guard.redone();
      }
    }
    return to;
  }

  /** The page, exclusively; null if somebody had it completed. */
  private @Nullable PageGuard page(long pageId) {
    long start = clock.nanoTime();
    PageGuard guard = owed == null ? pool.forRedo(pageId) : pool.forOwedRedo(pageId);
    waitedNanos += clock.nanoTime() - start;
    if (guard != null) { // else somebody else has brought it in and redone it
      pagesAsked++;
    }
    return guard;
  }

  /**
   * The changes of a page lie far apart: their heads are read in one go, so that the processor
   * waits for many of them at a time.
   */
  private void readAhead(RedoRound round, int first, int to) {
    if (lsns.length < to - first) {
      lsns = new long[Math.max(to - first, 2 * lsns.length)];
    }
    for (int change = first; change != to; change++) {
      lsns[change - first] = round.lsn(change);
    }
  }

  /** A page that was given up is not formatted by what was logged before. */
  private static boolean isGivenUpSince(long lsn, @Nullable RuntimeException unreadable) {
    return unreadable instanceof PageGivenUpException lost && lsn < lost.lsn();
  }

  private int suspect(RedoRound round, int change, long pageId, RuntimeException why) {
    if (owed != null) {
      owed.giveUp(pageId);
    }
    suspects.put(pageId, new Redo.Suspect(why, round.lsn(change)));
    return change + 1;
  }

  private static RuntimeException brokenRedo(
      long lsn, long pageId, ResourceManager manager, Throwable bug) {
    CorruptionException told =
        new CorruptionException(
            "redo of the record at LSN "
                + lsn
                + " on page "
                + pageId
                + " failed in resource manager "
                + manager.name()
                + ", which is an error of this program: "
                + bug
                + "; the page is in quarantine, the rest works",
            bug);
    LOG.log(System.Logger.Level.ERROR, told.getMessage(), told);
    return told;
  }

  private static CorruptionException lostWrite(
      RedoRound round, int change, long pageId, long pageLsn) {
    return new CorruptionException(
        "page "
            + pageId
            + " is not the version that the record at LSN "
            + round.lsn(change)
            + " was made against: expected pageLSN "
            + round.prevPageLsn(change)
            + ", found "
            + pageLsn
            + " (a write of the page was lost); the page is in quarantine, the rest works;"
            + " restore the page from a copy");
  }

  /** Changes applied. */
  long redone() {
    return redone;
  }

  /** Pages asked for: once in each round that has changes of them, mostly. */
  long pagesAsked() {
    return pagesAsked;
  }

  /** What it took until they were at hand, all together. */
  long waitedNanos() {
    return waitedNanos;
  }

  /** Changes skipped: pageLSN at or past the LSN. */
  long skippedPageLsn() {
    return skippedPageLsn;
  }
}
