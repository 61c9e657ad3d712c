package dev.redoubt.buffer;

import dev.redoubt.buffer.PageLoader.Purpose;
import dev.redoubt.io.StorageException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Pages on their way into frames and out of them again. Thread-safe; bringing a page in never waits
 * for a latch but its own, only for I/O and the log.
 */
final class PageFaults {
  private final Frames frames;
  private final PageTable table;
  private final FrameSupply supply;
  private final PageLoader loader;
  private final ReplacementPolicy policy;
  private final HitSampler sampler;
  private final PageStore store;
  private final RefusedPages refused;
  private final LongAdder faults = new LongAdder();
  private volatile OwedRedo owed = OwedRedo.NONE;
  private volatile boolean closed;

  PageFaults(
      Frames frames,
      FrameSupply supply,
      PageLoader loader,
      ReplacementPolicy policy,
      HitSampler sampler,
      PageStore store,
      RefusedPages refused) {
    this.frames = frames;
    this.table = frames.table;
    this.supply = supply;
    this.loader = loader;
    this.policy = policy;
    this.sampler = sampler;
    this.store = store;
    this.refused = refused;
  }

  /** The page in a frame, latched as asked for. */
  Frame acquire(long pageId, boolean exclusive, Purpose purpose) {
    for (; ; ) {
      Frame frame = table.get(pageId);
      if (frame == null) {
        if (owed.isOwed(pageId)) {
          frame = faultOwed(pageId);
          if (frame != null) {
            complete(frame, pageId, purpose);
          }
        } else {
          frame = fault(pageId, exclusive, purpose);
          if (frame != null) {
            return frame;
          }
        }
      } else if (exclusive ? frame.latch.exclusive(pageId) : frame.latch.shared(pageId)) {
        return frame;
      } else if (frame.latch.tag() == Frame.hidden(pageId)
          && frame.latch.exclusive(Frame.hidden(pageId))) {
        complete(frame, pageId, purpose);
      }
    }
  }

  /** A page for redo of what it is owed, hidden, latched exclusively; null if it is not owed. */
  @Nullable Frame acquireOwed(long pageId) {
    while (owed.isOwed(pageId)) {
      Frame frame = table.get(pageId);
      if (frame == null) {
        frame = faultOwed(pageId);
        if (frame != null) {
          return frame;
        }
      } else if (frame.latch.exclusive(Frame.hidden(pageId))) {
        return frame;
      }
    }
    return null;
  }

  /** Brings an owed page in as it is; null if somebody else has begun to. */
  private @Nullable Frame faultOwed(long pageId) {
    if (closed) {
      throw new IllegalStateException("the buffer pool is closed");
    }
    loader.checkPlace(pageId, Purpose.REDO);
    Frame frame = supply.take(pageId);
    boolean loaded = false;
    try {
      frame.latch.retag(Frame.hidden(pageId));
      // Once the page is in the table nobody but the holder of its frame can make it owed no more.
      if (!table.putIfAbsent(pageId, frame) || !owed.isOwed(pageId)) {
        return null;
      }
      loader.load(frame, pageId, Purpose.REDO);
      broughtIn(frame, pageId, true);
      loaded = true;
      return frame;
    } finally {
      if (!loaded) {
        discard(frame);
      }
    }
  }

  /**
   * Brings an owed page up to date, in the thread that wants it and holds it; lets go of it.
   *
   * @throws RuntimeException why it cannot be had; it is not in the pool then
   */
  private void complete(Frame frame, long pageId, Purpose purpose) {
    boolean complete = false;
    try {
      bring(frame, pageId);
      complete = true;
    } catch (StorageException e) {
      if (purpose != Purpose.FORMAT || owed.isOwed(pageId)) {
        throw e;
      }
      // It is refused, but for who formats it anew.
    } finally {
      if (complete) {
        frame.latch.releaseExclusive();
      } else {
        discard(frame);
      }
    }
  }

  private void bring(Frame frame, long pageId) {
    RuntimeException defect = frame.defect;
    long baseLsn = defect == null ? PageLayout.pageLsn(frame.page) : PageRepair.NO_BASE;
    switch (owed.bring(frame.page, pageId, baseLsn, defect)) {
      case PageRepair.Outcome.Repaired(long recLsn, long pageLsn) -> {
        PageLayout.setPageLsn(frame.page, pageLsn);
        frame.provisional = false;
        frame.defect = null;
        if (!frame.isDirty() || recLsn < frame.recLsn()) {
          frames.markDirty(frame, recLsn);
        }
        publish(frame);
      }
      case PageRepair.Outcome.Failed(StorageException why, boolean refuse) -> {
        if (refuse) {
          refused.refuse(pageId, why);
        }
        throw why;
      }
    }
  }

  /** The page, dirty and held exclusively, is owed no more: everyone may latch it by its id. */
  void publish(Frame frame) {
    long pageId = frame.pageId();
    owed.brought(pageId);
    frame.latch.retag(pageId);
  }

  /** The tag of a frame that the page is in. */
  long tag(long pageId) {
    return owed.isOwed(pageId) ? Frame.hidden(pageId) : pageId;
  }

  void setOwed(OwedRedo newOwed) {
    owed = newOwed;
  }

  /** Brings the page in; null if somebody else has begun to. */
  private @Nullable Frame fault(long pageId, boolean exclusive, Purpose purpose) {
    if (closed) {
      throw new IllegalStateException("the buffer pool is closed");
    }
    if (purpose == Purpose.USE || purpose == Purpose.USE_OR_BLANK) {
      refused.check(pageId);
    }
    loader.checkPlace(pageId, purpose);
    Frame frame = supply.take(pageId);
    boolean loaded = false;
    try {
      // Published under the exclusive latch: others find the frame and wait until it is loaded.
      frame.latch.retag(pageId);
      if (!table.putIfAbsent(pageId, frame)) {
        return null;
      }
      loader.load(frame, pageId, purpose);
      broughtIn(frame, pageId, purpose != Purpose.FORMAT);
      loaded = true;
    } finally {
      if (!loaded) {
        discard(frame); // those who wait for it find it empty, come again, and get the error
      }
    }
    if (!exclusive) {
      frame.latch.downgrade();
    }
    return frame;
  }

  /**
   * The page is in the frame, which the caller holds exclusively.
   *
   * @param wasRead from the store: only that takes so long that it pays for hits to be told
   */
  void broughtIn(Frame frame, long pageId, boolean wasRead) {
    frame.policyKey = pageId;
    policy.loaded(frame);
    faults.increment();
    if (wasRead) {
      sampler.fault();
    }
  }

  /** Empties a frame that the caller holds exclusively, and lets go of it. */
  void discard(Frame frame) {
    frames.markClean(frame);
    policy.removed(frame);
    frames.vacate(frame);
    supply.giveBack(frame);
  }

  /** Whether the page can be brought in with nobody waiting for it. */
  boolean mayBeReadAhead(long pageId) {
    return !closed && pageId >= 1 && pageId <= store.capacityPages() && refused.why(pageId) == null;
  }

  /** Drops what is in memory of a page that nobody may use from now on. */
  void refuse(long pageId, RuntimeException why) {
    refused.refuse(pageId, why);
    for (Frame frame = table.get(pageId); frame != null; frame = table.get(pageId)) {
      long tag = frame.latch.tag();
      if (Frame.pageOf(tag) == pageId && frame.latch.exclusive(tag)) {
        discard(frame);
      }
    }
  }

  /**
   * Drops the page if an older version of it is in memory: read ahead, before anybody knew which
   * one it must be. <em>Else it is taken for the expected one, and changes are lost.</em>
   */
  void dropOlder(long pageId, long pageLsn) {
    Frame frame = table.get(pageId);
    if (frame == null || !frame.latch.exclusive(pageId)) {
      return; // it comes in later, and is compared then; or it is owed redo
    }
    if (PageLayout.pageLsn(frame.page) < pageLsn) {
      discard(frame);
    } else {
      frame.latch.releaseExclusive();
    }
  }

  /** How many pages were brought in. */
  long count() {
    return faults.sum();
  }

  /** From now on nothing is brought in. */
  void close() {
    closed = true;
  }
}
