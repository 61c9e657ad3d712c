package dev.redoubt.buffer;

/**
 * How many pages to write at this moment, so that the redo distance (oldest recLSN to the end of
 * the log) stays around its target and pages go out evenly. Decides only; confined to whoever holds
 * the lock of {@link PacedCleaner}.
 *
 * <p>The log grows at some rate, so it is known which pages the target will reach within the next
 * {@link #HORIZON_NANOS}: as many are written meanwhile, in small slices, oldest first. The same
 * for room: above five eighths of the frames dirty, pages are written as fast as they turn dirty.
 * <b>Yielding</b>: a slice that is due waits while a commit waits for the disk, up to {@link
 * #PATIENCE_NANOS}. <b>Behind</b>, that is an eighth of the target beyond it or with less than a
 * quarter of the frames clean, full batches go out at once and yield to nobody.
 */
final class CleaningPace {
  static final long HORIZON_NANOS = 1_000_000_000;
  static final long PATIENCE_NANOS = 10_000_000;

  /**
   * Pages are written so much faster than the target reaches them. Under a steady load the oldest
   * page then stays a fifth of the horizon away from it; at 1 it would stay at the very edge, and
   * each unevenness of the load would turn into a spell behind, with its full batches.
   */
  private static final double AHEAD = 1.25;

  /** Behind begins this fraction of the target beyond it: up to there the pace makes up for it. */
  private static final int SLACK = 8;

  /** How often the dirty frames are counted: a scan of all frames. */
  static final long COUNT_NANOS = 100_000_000;

  /** A slice of fewer pages would cost as many forces and save little. */
  static final int SLICE_PAGES = 32;

  private final int frameCount;
  private final int batchPages;

  private boolean started;
  private long lookedNanos;
  private long countedNanos;
  private long countedEndLsn;
  private long countedDirtied;
  private double bytesPerNano;
  private double dirtiedPerNano;
  private int dueWithinHorizon;
  private double credit;
  private long putOffNanos;
  private boolean behind;

  /** What the pace needs to see of the pool. */
  interface View {
    long nanoTime();

    long endLsn();

    /** Whether a commit waits for the disk now. */
    boolean forceAwaited();

    int dirty();

    /** Pages that turned dirty since opening. */
    long dirtied();

    /** Dirty pages with a recLSN below this. */
    int dirtyBelow(long lsn);

    /** Whether no dirty page has a recLSN below this. */
    boolean isOldestAtLeast(long lsn, long endLsn);
  }

  CleaningPace(int frameCount, int batchPages) {
    this.frameCount = frameCount;
    this.batchPages = batchPages;
  }

  boolean isBehind() {
    return behind;
  }

  /** Pages to write now; 0 for none. */
  int pagesDue(View view, long targetBytes) {
    long now = view.nanoTime();
    long endLsn = view.endLsn();
    int dirty = view.dirty();
    if (dirty == 0 || !started) {
      start(view, now, endLsn);
    } else if (now - countedNanos >= COUNT_NANOS) {
      count(view, now, endLsn, targetBytes);
    }
    behind = dirty > 0 && isBehind(view, dirty, endLsn - targetBytes - targetBytes / SLACK, endLsn);
    if (dirty == 0 || behind) {
      lookedNanos = now;
      credit = 0;
      putOffNanos = 0;
      return behind ? batchPages : 0;
    }
    credit += duePerNano(dirty) * Math.min(now - lookedNanos, HORIZON_NANOS);
    lookedNanos = now;
    int slice = Math.min(SLICE_PAGES, Math.max(1, dueWithinHorizon));
    if (credit < slice) {
      return 0;
    }
    return yields(view, now) ? 0 : Math.min(batchPages, (int) credit);
  }

  /** {@code pages} of those that were due were written, neighbours of theirs among them. */
  void wrote(int pages) {
    credit = Math.max(0, credit - pages);
  }

  private boolean isBehind(View view, int dirty, long leastLsn, long endLsn) {
    return dirty > frameCount / 4 * 3 || !view.isOldestAtLeast(leastLsn, endLsn);
  }

  private void start(View view, long now, long endLsn) {
    started = true;
    lookedNanos = now;
    countedNanos = now;
    countedEndLsn = endLsn;
    countedDirtied = view.dirtied();
    dueWithinHorizon = 0;
  }

  private void count(View view, long now, long endLsn, long targetBytes) {
    double nanos = now - countedNanos;
    long dirtied = view.dirtied();
    bytesPerNano = (bytesPerNano + (endLsn - countedEndLsn) / nanos) / 2;
    dirtiedPerNano = (dirtiedPerNano + (dirtied - countedDirtied) / nanos) / 2;
    countedNanos = now;
    countedEndLsn = endLsn;
    countedDirtied = dirtied;
    long reach = endLsn - targetBytes + (long) (bytesPerNano * HORIZON_NANOS);
    dueWithinHorizon = view.isOldestAtLeast(reach, endLsn) ? 0 : view.dirtyBelow(reach);
  }

  private double duePerNano(int dirty) {
    double forDistance = AHEAD * dueWithinHorizon / HORIZON_NANOS;
    double fill = (dirty - frameCount * 0.625) / (frameCount * 0.125);
    return Math.max(forDistance, dirtiedPerNano * 2 * Math.clamp(fill, 0.0, 1.0));
  }

  private boolean yields(View view, long now) {
    if (!view.forceAwaited()) {
      putOffNanos = 0;
      return false;
    }
    if (putOffNanos == 0) {
      putOffNanos = now;
    }
    if (now - putOffNanos < PATIENCE_NANOS) {
      return true;
    }
    putOffNanos = 0;
    return false;
  }
}
