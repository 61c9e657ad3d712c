package dev.redoubt.recovery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Turns the restart time wanted into a redo distance: by what a restart now is estimated to take,
 * from rates that this store's restarts have measured, and from the log and the pages that it would
 * have to deal with. Thread-safe.
 *
 * <p>After a crash the dirty page table is the one of the last checkpoint. So the log that redo
 * reads is what the cleaner leaves at a checkpoint, and all that is appended until the next one is
 * complete. Of the distance one eighth goes to checkpoints, hence one is due at least as often; the
 * cleaner keeps to what is left when half of that is held back for a checkpoint on its way.
 *
 * <p><b>The distance follows the estimate.</b> The log there is now would take so long; the
 * distance allowed is longer than that log, or shorter, as the time allowed is than that. Twice the
 * log costs twice the time at most: records count one by one, but a page changed twice is brought
 * in once. So a distance found while there is little log errs on the safe side, and is right when
 * the log is as long as it allows.
 */
final class Pacer {
  /** Aimed at, so that the target is kept by a restart that is slower than the last ones. */
  private static final double AIM = 0.85;

  /**
   * However much of the target opening and undo take, this share stays for the log. A target that
   * they exceed cannot be held, and to write every page at once would not change that.
   */
  private static final double LEAST_SHARE = 0.25;

  /** A checkpoint costs two forces and its tables, pages written too early cost far more. */
  private static final double CHECKPOINT_SHARE = 0.125;

  private static final double CLEANER_SHARE = 1 - 1.5 * CHECKPOINT_SHARE;
  private static final long MIN_DISTANCE_BYTES = 1 << 20;

  /**
   * A distance is at most so many times the log there is: a short one says little of a long one.
   */
  private static final long MOST_TIMES = 16;

  private static final int MARKS = 64;

  /**
   * Of the log, at a moment: how much of what there had been.
   *
   * @param changes of pages, that is records but for those that only end transactions
   * @param dirtied pages that turned dirty
   */
  record Mark(long lsn, double records, double changes, double dirtied) {}

  /**
   * The last checkpoint, which restart would begin with.
   *
   * @param lsn its begin
   * @param redoLsn smallest recLSN in its tables, or its begin
   * @param meanRecLsn mean of the recLSNs in its tables, or its begin
   * @param pages in its tables
   */
  record Start(long lsn, long redoLsn, long meanRecLsn, int pages) {}

  /** What of the engine restart would have to deal with. */
  interface View {
    /** The end of the log, and what was logged and dirtied since opening. */
    Mark now();

    Start start();

    /** No more pages than these are there. */
    long pages();

    /** Records that rolling back everything active would undo. */
    long owedUndo();
  }

  private final View view;
  private final long targetNanos;
  private final long maxDistanceBytes;
  private final ReentrantLock pacerLatch = new ReentrantLock();

  @GuardedBy("pacerLatch")
  private final Deque<Mark> marks = new ArrayDeque<>();

  private volatile RestartRates rates;
  private volatile long distanceBytes;

  /**
   * @param maxDistanceBytes never more than this, whatever the target: the bound on the log
   */
  Pacer(View view, RestartRates rates, Duration target, long maxDistanceBytes) {
    this.view = view;
    this.rates = rates;
    this.targetNanos = target.toNanos();
    this.maxDistanceBytes = Math.max(MIN_DISTANCE_BYTES, maxDistanceBytes);
    this.distanceBytes = MIN_DISTANCE_BYTES;
  }

  RestartRates rates() {
    return rates;
  }

  void setRates(RestartRates measured) {
    rates = measured;
  }

  /** The redo distance that the target allows. */
  long distanceBytes() {
    return distanceBytes;
  }

  /** What the cleaner has to keep to, from the oldest recLSN to the end of the log. */
  long cleanerBytes() {
    return (long) (distanceBytes * CLEANER_SHARE);
  }

  /** A checkpoint is due after so much log at the latest. */
  long checkpointBytes() {
    return (long) (distanceBytes * CHECKPOINT_SHARE);
  }

  /** A checkpoint began: what was before it can be told from what comes. */
  void mark(Mark mark) {
    pacerLatch.lock();
    try {
      marks.addLast(mark);
      if (marks.size() > MARKS) {
        marks.removeFirst();
      }
    } finally {
      pacerLatch.unlock();
    }
  }

  /** Looks at what restart would take now, and moves the distance half way to what follows. */
  void update() {
    RestartEstimate now = estimate();
    double fixed = (double) now.opening().plus(now.undo()).toNanos();
    double budget = Math.max(AIM * targetNanos - fixed, LEAST_SHARE * targetNanos);
    double bytes = (double) Math.max(MIN_DISTANCE_BYTES, now.redoBytes());
    double nanos =
        Math.max(
            rates.scanNanos(bytes, 0),
            (double) now.analysis().plus(now.redo()).plus(now.pageReads()).toNanos());
    double most = Math.min((double) maxDistanceBytes, MOST_TIMES * bytes);
    double wanted = Math.clamp(bytes / nanos * budget, (double) MIN_DISTANCE_BYTES, most);
    distanceBytes = (long) ((distanceBytes + wanted) / 2);
  }

  /** What restart would take if the process died now. */
  RestartEstimate estimate() {
    Mark now = view.now();
    RestartRates known = rates;
    Start start = view.start();
    long redoLsn = Math.min(start.redoLsn(), start.lsn());
    Mark redo = at(redoLsn, now);
    Mark checkpoint = at(start.lsn(), now);
    double analysis =
        known.scanNanos((double) (now.lsn() - start.lsn()), now.records() - checkpoint.records());
    // A page needs the changes since its recLSN. The mean stands for all of them: pages changed
    // often are dirty for no longer than others.
    double changes = Math.max(0, now.changes() - at(start.meanRecLsn(), now).changes());
    double redoing =
        known.scanNanos((double) (now.lsn() - redoLsn), now.records() - redo.records())
            + changes * known.applyNanosPerRecord();
    long pages =
        Math.min(view.pages(), start.pages() + (long) (now.dirtied() - checkpoint.dirtied()));
    return new RestartEstimate(
        Duration.ofNanos(known.openNanos()),
        Duration.ofNanos((long) analysis),
        Duration.ofNanos((long) redoing),
        Duration.ofNanos(pages * known.pageReadNanos()),
        Duration.ofNanos(view.owedUndo() * known.undoNanosPerRecord()),
        now.lsn() - redoLsn,
        pages,
        Duration.ofNanos(targetNanos));
  }

  /** The moment when the log ended at {@code lsn}, between the marks that are known. */
  private Mark at(long lsn, Mark now) {
    pacerLatch.lock();
    try {
      Mark before = null;
      Mark after = now;
      for (Mark mark : marks) {
        if (mark.lsn() <= lsn || before == null) {
          before = mark;
        } else {
          after = mark;
          break;
        }
      }
      if (before == null || before.lsn() >= after.lsn()) {
        return now;
      }
      double share = Math.clamp((double) (lsn - before.lsn()) / (after.lsn() - before.lsn()), 0, 1);
      return new Mark(
          before.lsn() + (long) (share * (after.lsn() - before.lsn())),
          before.records() + share * (after.records() - before.records()),
          before.changes() + share * (after.changes() - before.changes()),
          before.dirtied() + share * (after.dirtied() - before.dirtied()));
    } finally {
      pacerLatch.unlock();
    }
  }
}
