package dev.redoubt.recovery;

import dev.redoubt.buffer.DirtyPage;
import dev.redoubt.buffer.OwedRedo;
import dev.redoubt.buffer.PageGivenUpException;
import dev.redoubt.buffer.PageRepair;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.LazyLogger;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.wal.Log;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * The pages of the analysis table that are not up to date yet (rule 16): each with its recLSN and
 * the last record of it that the log has, its head. Whoever touches one first has its chain applied
 * from the stored version on; redo in the background brings the others there round by round.
 * Thread-safe.
 *
 * <h2>What a checkpoint must know of them</h2>
 *
 * <p>A page owed is in the table of every checkpoint. Below {@link #redoneTo} the background has
 * applied everything: a page is then either dirty in the pool, whose recLSN holds, or it is home
 * with all of that, and owed from there on only. Not so a page that redo had to give up: it keeps
 * its analysis recLSN. Whoever copies the tables copies these entries <em>before</em> the pool's: a
 * page becomes dirty first and is owed no more after that, so it is in one copy or in both.
 */
final class OwedPages implements OwedRedo {
  private static final System.Logger LOG = LazyLogger.of(OwedPages.class);

  private static final int NOT_OWED = 0;
  private static final int OWED = 1;

  /** Owed, and redo on the way was lost: from the analysis recLSN on. */
  private static final int GIVEN_UP = 2;

  private final Log log;
  private final Managers managers;
  private final Quarantine quarantine;
  private final DirtyPageTable table;
  private final AtomicIntegerArray states;
  private final AtomicInteger left = new AtomicInteger();
  private final AtomicInteger rebuilt = new AtomicInteger();
  private volatile long redoneTo;

  /**
   * @param table of analysis, with the heads of all pages that have records at or above their
   *     recLSN; pages without a head are owed nothing
   */
  OwedPages(Log log, Managers managers, Quarantine quarantine, DirtyPageTable table) {
    this.log = log;
    this.managers = managers;
    this.quarantine = quarantine;
    this.table = table;
    this.states = new AtomicIntegerArray(table.size());
    for (int entry = 0; entry < table.size(); entry++) {
      if (table.headLsnOf(entry) != 0) {
        states.set(entry, OWED);
        left.incrementAndGet();
      }
    }
  }

  @Override
  public boolean isOwed(long pageId) {
    if (left.get() == 0) {
      return false;
    }
    int entry = table.find(pageId);
    return entry >= 0 && states.get(entry) != NOT_OWED;
  }

  /** Whether a version is the last one of its page, or as new. */
  boolean isLast(long pageId, long pageLsn) {
    return pageLsn >= table.headLsnOf(table.find(pageId));
  }

  @Override
  public PageRepair.Outcome bring(
      MemorySegment page, long pageId, long baseLsn, @Nullable RuntimeException problem) {
    int entry = table.find(pageId);
    long recLsn = table.recLsnOf(entry);
    long headLsn = table.headLsnOf(entry);
    if (baseLsn >= headLsn) {
      // Rule 13: readable and yet perhaps not durable. It becomes dirty all the same.
      return new PageRepair.Outcome.Repaired(recLsn, baseLsn);
    }
    if (problem instanceof PageGivenUpException lost && headLsn < lost.lsn()) {
      return failed(pageId, recLsn, lost);
    }
    try {
      PageChain chain = new PageChain(log, pageId);
      chain.walk(headLsn, baseLsn);
      if (!chain.isComplete()) {
        return failed(pageId, recLsn, incomplete(pageId, baseLsn, headLsn, problem));
      }
      chain.apply(page, managers);
      if (problem != null || states.get(entry) == GIVEN_UP) {
        rebuilt.incrementAndGet();
      }
      // Of a page that is lost on disk nothing is there: it is owed from its format on.
      boolean anew = baseLsn == PageRepair.NO_BASE;
      return new PageRepair.Outcome.Repaired(
          anew ? Math.min(recLsn, chain.firstLsn()) : recLsn, headLsn);
    } catch (EngineHaltedException halted) {
      throw halted;
    } catch (StorageException unreadableLog) {
      return failed(pageId, recLsn, unreadableLog);
    } catch (RuntimeException | AssertionError bug) {
      String told = "redo of page " + pageId + " fails, which is an error of this program: " + bug;
      return failed(pageId, recLsn, new CorruptionException(told, bug));
    }
  }

  private static StorageException incomplete(
      long pageId, long baseLsn, long headLsn, @Nullable RuntimeException problem) {
    if (problem instanceof StorageIoException disk) {
      return disk;
    }
    String found = problem == null ? "pageLSN " + baseLsn : String.valueOf(problem.getMessage());
    return new CorruptionException(
        "page "
            + pageId
            + " cannot be brought to the record at LSN "
            + headLsn
            + ": its chain in the log expected to lead to the stored page or to its format, found "
            + found
            + "; the page is in quarantine, the rest works; restore the page from a copy",
        problem);
  }

  /** What the disk may do better next time leaves the page owed. */
  private PageRepair.Outcome failed(long pageId, long recLsn, StorageException why) {
    giveUp(pageId);
    if (why instanceof StorageIoException) {
      return new PageRepair.Outcome.Failed(why, false);
    }
    LOG.log(System.Logger.Level.ERROR, why.getMessage(), why);
    quarantine.add(pageId, recLsn, table.headLsnOf(table.find(pageId)), why);
    brought(pageId);
    return new PageRepair.Outcome.Failed(why, true);
  }

  @Override
  public void brought(long pageId) {
    int entry = table.find(pageId);
    if (states.getAndSet(entry, NOT_OWED) != NOT_OWED) {
      left.decrementAndGet();
    }
  }

  /** What redo has applied to the page is lost from memory: it is owed all of it again. */
  void giveUp(long pageId) {
    states.compareAndSet(table.find(pageId), OWED, GIVEN_UP);
  }

  /** Everything below {@code lsn} has been applied, to all pages that were not given up. */
  void redoneTo(long lsn) {
    redoneTo = lsn;
  }

  /** Pages owed. */
  int left() {
    return left.get();
  }

  /** Pages so far whose stored version was damaged, or older than redo could take it for. */
  int rebuilt() {
    return rebuilt.get();
  }

  /** Ids of the pages owed, ascending. */
  List<Long> pageIds() {
    List<Long> ids = new ArrayList<>();
    for (DirtyPage page : entries()) {
      ids.add(page.pageId());
    }
    return ids.stream().sorted().toList();
  }

  /** For a checkpoint: copied before the pool's dirty pages. */
  List<DirtyPage> entries() {
    List<DirtyPage> entries = new ArrayList<>();
    long from = redoneTo;
    for (int entry = 0; left.get() != 0 && entry < table.size(); entry++) {
      int state = states.get(entry);
      if (state != NOT_OWED) {
        long recLsn = table.recLsnOf(entry);
        long owedFrom = state == GIVEN_UP ? recLsn : Math.max(recLsn, from);
        entries.add(new DirtyPage(table.pageId(entry), owedFrom, table.headLsnOf(entry)));
      }
    }
    return entries;
  }
}
