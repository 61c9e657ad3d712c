package dev.redoubt.buffer;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.StorageException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/** Brings the bytes of a page into a frame that the caller holds exclusively. Thread-safe. */
final class PageLoader {
  /** What the caller wants the page for. */
  enum Purpose {
    /** It must be there and good. */
    USE,
    /** It will be formatted: nothing is read. */
    FORMAT,
    /** It must be good, or never have been formatted. */
    USE_OR_BLANK,
    /** Redo decides what to make of it, whatever it is. */
    REDO
  }

  private final LongAdder reads = new LongAdder();
  private final LongAdder loading = new LongAdder();
  private final PageStore store;
  private final PoolLog log;
  private final PageVerifier verifier;
  private final Frames frames;
  private final RefusedPages refused;
  private volatile PageRepair repair = PageRepair.NONE;

  PageLoader(
      PageStore store, PoolLog log, PageVerifier verifier, Frames frames, RefusedPages refused) {
    this.store = store;
    this.log = log;
    this.verifier = verifier;
    this.frames = frames;
    this.refused = refused;
  }

  /** The page has been formatted anew: whatever was wrong with it is gone. */
  void formatted(long pageId) {
    if (refused.lift(pageId)) {
      repair.lifted(pageId);
    }
  }

  void setRepair(PageRepair newRepair) {
    repair = newRepair;
  }

  /** Pages read from the store, ahead or not. */
  long reads() {
    return reads.sum();
  }

  /**
   * Checks that the page can exist, and makes space for it where it may be made. With no latch held
   * on the frame it will go to.
   */
  void checkPlace(long pageId, Purpose purpose) {
    if (pageId < 1) {
      throw new IllegalArgumentException("page ids start at 1: " + pageId);
    }
    if (pageId <= store.capacityPages()) {
      return;
    }
    switch (purpose) {
      case USE ->
          throw new CorruptionException(
              "page "
                  + pageId
                  + " ("
                  + store.location(pageId)
                  + ") is beyond the end of the pages: expected at most "
                  + store.capacityPages()
                  + ". The page store was cut short, or the reference to the page is wrong; put it"
                  + " back from a backup, or "
                  + CorruptionException.SALVAGE
                  + ".");
      case FORMAT, USE_OR_BLANK, REDO -> store.ensureCapacity(pageId);
    }
  }

  /**
   * Fills the frame. For {@code REDO} what cannot be used is left in {@link Frame#defect}; for
   * others a page that was repaired is in the dirty page table.
   *
   * @throws StorageException the page cannot be read or is damaged, and cannot be repaired; the
   *     frame's bytes are undefined
   */
  void load(Frame frame, long pageId, Purpose purpose) {
    loading.increment();
    try {
      loadAs(purpose, frame, pageId);
    } finally {
      loading.decrement();
    }
  }

  /** Whether any page is on its way into a frame. */
  boolean isLoading() {
    return loading.sum() > 0;
  }

  private void loadAs(Purpose purpose, Frame frame, long pageId) {
    boolean isZeros = frame.unwritten;
    frame.unwritten = false;
    switch (purpose) {
      case USE -> loadForUse(frame, pageId, false);
      case USE_OR_BLANK -> loadForUse(frame, pageId, true);
      case FORMAT -> {
        if (isZeros) {
          frame.provisional = true;
        } else {
          makeProvisional(frame, null);
        }
      }
      case REDO -> {
        RuntimeException refusal = refused.why(pageId);
        if (refusal != null) {
          makeProvisional(frame, refusal);
        } else {
          loadForRedo(frame, pageId);
        }
      }
    }
  }

  private void loadForUse(Frame frame, long pageId, boolean mayBeBlank) {
    Reading reading = readAndCompare(frame, pageId);
    if (reading == null) {
      return;
    }
    if (mayBeBlank
        && frames.written.atLeast(pageId) == 0
        && reading.problem() instanceof CorruptionException
        && PageVerifier.isBlank(frame.page)) {
      makeProvisional(frame, null);
      return;
    }
    if (reading.problem() instanceof CorruptionException) {
      // The stored page may be whole and only this reading of it wrong: a repair might replace it.
      reading = readAndCompare(frame, pageId);
      if (reading == null) {
        return;
      }
    }
    repair(frame, pageId, reading.baseLsn(), reading.problem());
  }

  /**
   * What a page that cannot be used was found to be.
   *
   * @param baseLsn its pageLSN if it is intact and merely too old, else {@link PageRepair#NO_BASE}
   */
  private record Reading(StorageException problem, long baseLsn) {}

  /** Reads the page; null if it is good. */
  private @Nullable Reading readAndCompare(Frame frame, long pageId) {
    try {
      StorageException problem = readAndVerify(frame, pageId);
      if (problem != null) {
        return new Reading(problem, PageRepair.NO_BASE);
      }
      problem = lostWrite(frame, pageId);
      return problem == null ? null : new Reading(problem, PageLayout.pageLsn(frame.page));
    } catch (EngineHaltedException e) {
      throw e;
    } catch (StorageException e) {
      return new Reading(e, PageRepair.NO_BASE);
    }
  }

  private void repair(Frame frame, long pageId, long baseLsn, StorageException problem) {
    PageRepair repairer = repair;
    long headLsn = frames.written.atLeast(pageId);
    switch (repairer.repair(frame.page, pageId, baseLsn, headLsn, problem)) {
      case PageRepair.Outcome.Repaired(long recLsn, long pageLsn) -> {
        PageLayout.setPageLsn(frame.page, pageLsn);
        frames.markDirty(frame, recLsn);
        repairer.entered(pageId);
      }
      case PageRepair.Outcome.Failed(StorageException why, boolean refuse) -> {
        if (refuse) {
          refused.refuse(pageId, why);
        }
        throw why;
      }
    }
  }

  /** An unreadable page becomes zeros and a reason: a format record does not need the old bytes. */
  private void loadForRedo(Frame frame, long pageId) {
    StorageException problem;
    try {
      problem = readAndVerify(frame, pageId);
    } catch (EngineHaltedException e) {
      throw e;
    } catch (StorageException e) {
      makeProvisional(frame, e);
      return;
    }
    if (problem == null) {
      problem = lostWrite(frame, pageId);
    } else if (PageVerifier.isBlank(frame.page) && frames.written.atLeast(pageId) == 0) {
      problem = null;
      makeProvisional(frame, null);
    }
    if (problem != null) {
      makeProvisional(frame, problem);
    }
  }

  private static void makeProvisional(Frame frame, @Nullable RuntimeException defect) {
    frame.page.fill((byte) 0);
    frame.provisional = true;
    frame.defect = defect;
  }

  /** What is wrong with an intact page that is older than what was last written; else null. */
  private @Nullable StorageException lostWrite(Frame frame, long pageId) {
    long expected = frames.written.atLeast(pageId);
    long found = PageLayout.pageLsn(frame.page);
    return found >= expected
        ? null
        : new CorruptionException(
            "page "
                + pageId
                + " (owner "
                + Integer.toUnsignedString(PageLayout.owner(frame.page))
                + ", "
                + store.location(pageId)
                + ") is intact and too old, a write of it was lost: expected pageLSN "
                + expected
                + ", found "
                + found
                + PageVerifier.REMEDY);
  }

  private static @Nullable PageReadEvent begun(long firstPageId, int pages, boolean ahead) {
    return FlightRecorder.isInitialized() ? PageReadEvent.begun(firstPageId, pages, ahead) : null;
  }

  private @Nullable StorageException readAndVerify(Frame frame, long pageId) {
    PageReadEvent event = begun(pageId, 1, false);
    store.read(pageId, frame.page.asByteBuffer());
    if (event != null) {
      event.commit();
    }
    reads.increment();
    return problem(frame, pageId);
  }

  /** Reads neighbouring pages that nobody waits for yet, as many as the buffer has room for. */
  void readAhead(long firstPageId, ByteBuffer dst) {
    int pages = dst.remaining() / store.pageSize();
    loading.increment();
    try {
      PageReadEvent event = begun(firstPageId, pages, true);
      store.readRun(firstPageId, dst);
      if (event != null) {
        event.commit();
      }
    } finally {
      loading.decrement();
    }
    reads.add(pages);
  }

  /** Whether the bytes in the frame are the page, and not an older version than was written. */
  boolean isGood(Frame frame, long pageId) {
    return problem(frame, pageId) == null && lostWrite(frame, pageId) == null;
  }

  int pageSize() {
    return store.pageSize();
  }

  /** What is wrong with the bytes in the frame as the page; null if nothing is. */
  private @Nullable StorageException problem(Frame frame, long pageId) {
    StorageException problem =
        verifier.problem(frame.page, pageId, log.endLsn(), store.location(pageId));
    if (problem != null
        && FlightRecorder.isInitialized()
        && ChecksumFailureEvent.isOn()
        && !PageVerifier.isBlank(frame.page)) {
      ChecksumFailureEvent event = new ChecksumFailureEvent();
      event.pageId = pageId;
      event.reason = problem.getMessage();
      event.commit();
    }
    return problem == null ? PageVerifier.givenUp(frame.page) : problem;
  }
}
