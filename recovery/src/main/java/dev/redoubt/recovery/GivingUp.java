package dev.redoubt.recovery;

import dev.redoubt.buffer.PageGivenUpException;
import dev.redoubt.buffer.PageGuard;
import dev.redoubt.buffer.PageLayout;
import dev.redoubt.buffer.PageStore;
import dev.redoubt.buffer.PageVerifier;
import dev.redoubt.io.CorruptionException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * An operator's word that a page in quarantine is lost for good (rule 18), so that nobody has to
 * keep the log for it. The order matters: (1) the place of the page says so, durably, and with a
 * pageLSN above every record of the page, so that whatever restart comes next takes none of them to
 * it; (2) nothing holds the log for it, and no checkpoint names it; (3) losers that were stuck are
 * undone but for what is lost, and end; (4) a checkpoint lets the log go. A crash between any two
 * leaves a quarantine as before, or a restart that does what is left. [2 before 1: the log goes,
 * power fails, and a page that is merely too old is taken for good.] One use, one thread.
 */
final class GivingUp {
  private final Engine engine;
  private final PageStore pages;
  private final long pageId;

  GivingUp(Engine engine, PageStore pages, long pageId) {
    this.engine = engine;
    this.pages = pages;
    this.pageId = pageId;
  }

  void run() {
    if (!engine.restart().isOver()) {
      throw new IllegalStateException(
          "restart goes on and may bring page " + pageId + " back: wait for restart().await()");
    }
    if (!isGivenUp()) {
      long lsn = engine.checkpoint(); // a record above all those of the page, and durable
      try (PageGuard guard = engine.pool().fresh(pageId)) {
        engine.quarantine().add(pageId, 0, 0, mark(guard.pageId(), lsn));
      }
      engine.quarantine().refuseIn(engine.pool(), pageId);
    }
    endLosers();
    engine.checkpoint();
    engine.services().cap().moved();
  }

  /** Looks at the page itself: nobody may have met it yet, or a copy may have been put back. */
  private boolean isGivenUp() {
    try (PageGuard _ = engine.pool().shared(pageId)) {
      throw new IllegalArgumentException(
          "page " + pageId + " is whole, there is nothing to give up");
    } catch (CorruptionException damaged) {
      if (PageGivenUpException.in(damaged) != null) {
        return true;
      }
      if (engine.quarantine().why(pageId) == null) {
        throw new IllegalArgumentException(
            "page " + pageId + " is not in quarantine: " + damaged.getMessage(), damaged);
      }
      return false;
    }
  }

  /** Writes the page that says so, durably; returns what it tells whoever reads it. */
  private PageGivenUpException mark(long pageId, long lsn) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(pages.pageSize(), PageLayout.MIN_PAGE_BYTES);
      PageLayout.format(page, pageId, PageLayout.GIVEN_UP, PageTypes.OWNER_ENGINE);
      new PageVerifier(engine.log().storeId(), pages.pageSize()).seal(page, pageId, lsn);
      pages.writeDurably(List.of(new PageStore.PageImage(pageId, page.asByteBuffer())));
      return Objects.requireNonNull(PageVerifier.givenUp(page));
    }
  }

  /** Ends the losers that nothing stops any more; the log of the others stays. */
  private void endLosers() {
    LoserStep step = new LoserStep(engine.rollback());
    long oldestLsn = Long.MAX_VALUE;
    for (Transaction each : engine.transactions().all()) {
      if (each.isFromRestart() && !isEnded(each, step)) {
        oldestLsn = Math.min(oldestLsn, each.firstLsn());
      }
    }
    engine.quarantine().holdForLosers(oldestLsn);
  }

  /** Undoes a loser as far as it can be; true if it is over, or if it is none. */
  private static boolean isEnded(Transaction loser, LoserStep step) {
    loser.user.await();
    try {
      if (loser.state() != Transaction.State.ACTIVE
          && loser.state() != Transaction.State.ABORTING) {
        return true;
      }
      while (loser.undoNextLsn() != 0) {
        if (step.run(loser, false) == LoserStep.Outcome.STUCK) {
          return false;
        }
      }
      TransactionEnd.ofRestart(loser);
      return true;
    } finally {
      loser.user.leave();
    }
  }
}
