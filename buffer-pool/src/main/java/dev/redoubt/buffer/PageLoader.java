package dev.redoubt.buffer;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.Environment;
import dev.redoubt.io.StorageException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Brings the bytes of a page into a frame that the caller holds exclusively. Thread-safe. */
final class PageLoader {
  /** What the caller wants the page for. */
  enum Purpose {
    /** It must be there and good. */
    USE,
    /** It will be formatted: nothing is read. */
    FORMAT,
    /** Redo decides what to make of it, whatever it is. */
    REDO
  }

  private final Environment environment;
  private final LongAdder reads = new LongAdder();
  private final LongAdder readNanos = new LongAdder();
  private final PageStore store;
  private final PoolLog log;
  private final PageVerifier verifier;

  PageLoader(PageStore store, PoolLog log, PageVerifier verifier, Environment environment) {
    this.environment = environment;
    this.store = store;
    this.log = log;
    this.verifier = verifier;
  }

  /** Pages read from the store. */
  long reads() {
    return reads.sum();
  }

  /** What reading them took together. */
  long readNanos() {
    return readNanos.sum();
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
                  + ". The page store was cut short, or the reference to the page is wrong");
      case FORMAT, REDO -> store.ensureCapacity(pageId);
    }
  }

  /**
   * Fills the frame. For {@code REDO} what cannot be used is left in {@link Frame#defect}.
   *
   * @param refusal why the page must not be used although it can be read; null if it may be
   * @throws StorageException the page cannot be read or is damaged; the frame's bytes are undefined
   */
  void load(Frame frame, long pageId, Purpose purpose, @Nullable RuntimeException refusal) {
    switch (purpose) {
      case USE -> {
        StorageException problem = readAndVerify(frame, pageId);
        if (problem != null) {
          throw problem;
        }
      }
      case FORMAT -> makeProvisional(frame, null);
      case REDO -> {
        if (refusal != null) {
          makeProvisional(frame, refusal);
        } else {
          loadForRedo(frame, pageId);
        }
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
    if (problem != null) {
      makeProvisional(frame, PageVerifier.isBlank(frame.page) ? null : problem);
    }
  }

  private static void makeProvisional(Frame frame, @Nullable RuntimeException defect) {
    frame.page.fill((byte) 0);
    frame.provisional = true;
    frame.defect = defect;
  }

  private @Nullable StorageException readAndVerify(Frame frame, long pageId) {
    long start = environment.nanoTime();
    PageReadEvent event = PageReadEvent.begun(pageId, 1, false);
    store.read(pageId, frame.page.asByteBuffer());
    if (event != null) {
      event.commit();
    }
    readNanos.add(environment.nanoTime() - start);
    reads.increment();
    return problem(frame, pageId);
  }

  /** Reads neighbouring pages that nobody waits for yet, as many as the buffer has room for. */
  void readAhead(long firstPageId, ByteBuffer dst) {
    int pages = dst.remaining() / store.pageSize();
    PageReadEvent event = PageReadEvent.begun(firstPageId, pages, true);
    store.readRun(firstPageId, dst);
    if (event != null) {
      event.commit();
    }
  }

  /** What is wrong with the bytes in the frame as the page; null if nothing is. */
  @Nullable StorageException problem(Frame frame, long pageId) {
    StorageException problem =
        verifier.problem(frame.page, pageId, log.endLsn(), store.location(pageId));
    if (problem != null && ChecksumFailureEvent.isOn() && !PageVerifier.isBlank(frame.page)) {
      ChecksumFailureEvent event = new ChecksumFailureEvent();
      event.pageId = pageId;
      event.reason = problem.getMessage();
      event.commit();
    }
    return problem;
  }
}
