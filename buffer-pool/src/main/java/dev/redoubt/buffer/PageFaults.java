package dev.redoubt.buffer;

import dev.redoubt.buffer.PageLoader.Purpose;
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
        frame = fault(pageId, exclusive, purpose);
        if (frame != null) {
          return frame;
        }
      } else if (exclusive ? frame.latch.exclusive(pageId) : frame.latch.shared(pageId)) {
        return frame;
      }
    }
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
      broughtIn(frame, pageId);
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

  /** The page is in the frame, which the caller holds exclusively. */
  void broughtIn(Frame frame, long pageId) {
    frame.policyKey = pageId;
    policy.loaded(frame);
    faults.increment();
    sampler.fault();
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
    Frame frame = table.get(pageId);
    if (frame != null && frame.latch.exclusive(pageId)) {
      discard(frame);
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
