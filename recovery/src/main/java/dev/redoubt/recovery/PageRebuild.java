package dev.redoubt.recovery;

import dev.redoubt.buffer.PageGivenUpException;
import dev.redoubt.buffer.PageRepair;
import dev.redoubt.buffer.PageStore;
import dev.redoubt.buffer.PageVerifier;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.LazyLogger;
import dev.redoubt.io.StorageException;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.wal.Log;
import dev.redoubt.wal.LogHolder;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Makes a damaged page anew from its chain in the log (ARIES §13, "media recovery" of one page):
 * from its last record back along prevPageLSN to its format record, or to the very version that is
 * stored, and then forward again. At restart and while the store runs, in the thread that brings
 * the page in. Thread-safe.
 *
 * <p><b>Differences from the paper.</b> No image copy is needed where the chain reaches back to the
 * format record, since that is blind. The page becomes dirty with the first record applied as its
 * recLSN, and that log is held until a checkpoint has the page in its table: a crash before the
 * page is home finds the log that it needs.
 */
final class PageRebuild implements PageRepair {
  private static final System.Logger LOG = LazyLogger.of(PageRebuild.class);

  private final Log log;
  private final PageStore pages;
  private final PageVerifier verifier;
  private final Managers managers;
  private final Quarantine quarantine;
  private final PageHeads heads;
  private final ConcurrentLinkedQueue<Held> held = new ConcurrentLinkedQueue<>();

  PageRebuild(Log log, PageStore pages, Managers managers, Quarantine quarantine) {
    this.log = log;
    this.pages = pages;
    this.verifier = new PageVerifier(log.storeId(), pages.pageSize());
    this.managers = managers;
    this.quarantine = quarantine;
    this.heads = new PageHeads(log);
  }

  /** Log of a rebuilt page, held until a checkpoint that began after {@code enteredLsn}. */
  private static final class Held {
    final long pageId;
    final LogHolder holder;
    volatile long enteredLsn = Long.MAX_VALUE;

    Held(long pageId, LogHolder holder) {
      this.pageId = pageId;
      this.holder = holder;
    }
  }

  @Override
  public Outcome repair(
      MemorySegment page, long pageId, long baseLsn, long headLsn, StorageException problem) {
    LogHolder holder = holdAll();
    boolean kept = false;
    try {
      PageChain chain = new PageChain(log, pageId);
      chain.walk(headLsn == UNKNOWN_HEAD ? heads.head(pageId) : headLsn, baseLsn);
      if (problem instanceof PageGivenUpException lost && chain.headLsn() < lost.lsn()) {
        quarantine.add(pageId, 0, chain.headLsn(), lost);
        return new Outcome.Failed(lost, true);
      }
      if (!chain.isComplete()) {
        return failed(page, pageId, baseLsn, problem, chain, null);
      }
      try {
        chain.apply(page, managers);
      } catch (RuntimeException | AssertionError bug) {
        return failed(page, pageId, baseLsn, problem, chain, bug);
      }
      holder.advance(chain.firstLsn());
      held.add(new Held(pageId, holder));
      kept = true;
      quarantine.remove(pageId);
      LOG.log(
          System.Logger.Level.WARNING,
          "page "
              + pageId
              + " was rebuilt from the log, LSN "
              + chain.firstLsn()
              + " to "
              + chain.headLsn()
              + ", and nothing is left to do; what was found: "
              + problem.getMessage());
      return new Outcome.Repaired(chain.firstLsn(), chain.headLsn());
    } catch (EngineHaltedException halted) {
      throw halted;
    } catch (StorageException unreadableLog) {
      problem.addSuppressed(unreadableLog);
      return new Outcome.Failed(problem, false);
    } finally {
      if (!kept) {
        holder.close();
      }
    }
  }

  /** The start of the log moves on at any moment until it is held. */
  private LogHolder holdAll() {
    for (; ; ) {
      long startLsn = log.startLsn();
      try {
        return log.hold("rebuild of a page", startLsn);
      } catch (IllegalArgumentException e) {
        if (log.startLsn() == startLsn) {
          throw e;
        }
      }
    }
  }

  private Outcome failed(
      MemorySegment page,
      long pageId,
      long baseLsn,
      StorageException problem,
      PageChain chain,
      @Nullable Throwable bug) {
    if (problem instanceof StorageIoException) {
      return new Outcome.Failed(problem, false); // The disk may do better next time.
    }
    if (chain.headLsn() == 0 && baseLsn == NO_BASE && PageVerifier.isBlank(page)) {
      return new Outcome.Failed(problem, false); // Nobody knows of such a page.
    }
    String why =
        bug == null
            ? "the log, from LSN " + log.startLsn() + " on, does not reach back to its format."
            : "redo of it fails: " + bug + ".";
    CorruptionException told =
        new CorruptionException(
            problem.getMessage() + " It cannot be rebuilt from the log: " + why,
            bug == null ? problem : bug);
    if (chain.firstLsn() == 0 && baseLsn != NO_BASE) {
      condemn(page, pageId);
    }
    quarantine.add(pageId, chain.firstLsn(), chain.headLsn(), told);
    LOG.log(System.Logger.Level.ERROR, told.getMessage(), told);
    return new Outcome.Failed(told, true);
  }

  /**
   * An intact page that is too old, and nothing in the log to tell the next restart so: it must not
   * be taken for good then.
   */
  private void condemn(MemorySegment page, long pageId) {
    verifier.condemn(page, pageId);
    pages.writeDurably(List.of(new PageStore.PageImage(pageId, page.asByteBuffer())));
  }

  @Override
  public void lifted(long pageId) {
    quarantine.remove(pageId);
  }

  @Override
  public void entered(long pageId) {
    long endLsn = log.endLsn();
    for (Held each : held) {
      if (each.pageId == pageId && each.enteredLsn == Long.MAX_VALUE) {
        each.enteredLsn = endLsn;
      }
    }
  }

  /** A checkpoint is complete that began there: its bound covers what was dirty before. */
  void checkpointed(long beginLsn) {
    for (Iterator<Held> each = held.iterator(); each.hasNext(); ) {
      Held one = each.next();
      if (one.enteredLsn <= beginLsn) {
        each.remove();
        one.holder.close();
      }
    }
  }
}
