package dev.redoubt.recovery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Turns the restart time wanted into a redo distance, by rates that this store's restarts have
 * measured and by what its log is made of now: records and pages turned dirty for each byte.
 * Thread-safe.
 *
 * <p>After a crash the dirty page table is the one of the last checkpoint. So the log that redo
 * reads is what the cleaner leaves at a checkpoint, and all that is appended until the next one is
 * complete. Of the distance one eighth goes to checkpoints, hence one is due at least as often; the
 * cleaner keeps to what is left when half of that is held back for a checkpoint on its way.
 */
final class Pacer {
  /** Aimed at, so that the target is kept by a restart that is slower than the last ones. */
  private static final double AIM = 0.7;

  /**
   * However much of the target opening and undo take, this share stays for the log. A target that
   * they exceed cannot be held, and to write every page at once would not change that.
   */
  private static final double LEAST_SHARE = 0.25;

  /** A checkpoint costs two forces and its tables, pages written too early cost far more. */
  private static final double CHECKPOINT_SHARE = 0.125;

  private static final double CLEANER_SHARE = 1 - 1.5 * CHECKPOINT_SHARE;
  private static final long MIN_DISTANCE_BYTES = 1 << 20;
  private static final int MARKS = 64;

  /** Of the log, at a moment: how much of what there had been. */
  record Mark(long lsn, double records, double dirtied) {}

  /** What of the engine restart would have to deal with. */
  interface View {
    /** The end of the log, and what was logged and dirtied since opening. */
    Mark now();

    /** Begin of the last checkpoint. */
    long checkpointLsn();

    /** Smallest recLSN in its tables, or its begin. */
    long checkpointRedoLsn();

    /** Pages in its tables. */
    int checkpointPages();

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

  /** Looks at what the log is made of, and moves the distance half way to what follows from it. */
  void update() {
    Mark now = view.now();
    Mark from = at(now.lsn() - distanceBytes, now);
    double bytes = (double) Math.max(4096, now.lsn() - from.lsn());
    double recordsPerByte = (now.records() - from.records()) / bytes;
    double dirtiedPerByte = (now.dirtied() - from.dirtied()) / bytes;
    double perByte =
        (1 + CHECKPOINT_SHARE) * rates.scanNanos(1, recordsPerByte)
            + recordsPerByte * rates.applyNanosPerRecord()
            + dirtiedPerByte * rates.pageReadNanos();
    double fixed = rates.openNanos() + (double) view.owedUndo() * rates.undoNanosPerRecord();
    double budget = Math.max(AIM * targetNanos - fixed, LEAST_SHARE * targetNanos);
    double wanted =
        Math.clamp(budget / perByte, (double) MIN_DISTANCE_BYTES, (double) maxDistanceBytes);
    distanceBytes = (long) ((distanceBytes + wanted) / 2);
  }

  /** What restart would take if the process died now. */
  RestartEstimate estimate() {
    Mark now = view.now();
    RestartRates known = rates;
    long redoLsn = Math.min(view.checkpointRedoLsn(), view.checkpointLsn());
    Mark redo = at(redoLsn, now);
    Mark checkpoint = at(view.checkpointLsn(), now);
    double records = now.records() - redo.records();
    double analysis =
        known.scanNanos(
            (double) (now.lsn() - view.checkpointLsn()), now.records() - checkpoint.records());
    double redoing =
        known.scanNanos((double) (now.lsn() - redoLsn), records)
            + records * known.applyNanosPerRecord();
    long pages = view.checkpointPages() + (long) (now.dirtied() - checkpoint.dirtied());
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
          before.dirtied() + share * (after.dirtied() - before.dirtied()));
    } finally {
      pacerLatch.unlock();
    }
  }
}
