package dev.redoubt.buffer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Names dirty frames in the order of their recLSNs. Finding the oldest takes a look at every frame,
 * which is long in a large pool: so as many are found at once as are worth one look, and handed out
 * over several calls. A page that turns dirty meanwhile is younger than all of them, but in restart
 * ({@link Frames#oldArrivals}), which makes this look again. Confined to the cleaner's lock.
 */
final class OldestFirst {
  /** Frames looked at for each that one look finds. */
  private static final int LOOKS_PER_FOUND = 128;

  private final Frames frames;
  private List<Candidate> found = List.of();
  private int next;
  private long arrivals;

  OldestFirst(Frames frames) {
    this.frames = frames;
  }

  private record Candidate(Frame frame, long recLsn) {
    static final Comparator<Candidate> OLDEST_FIRST =
        Comparator.comparingLong(Candidate::recLsn).thenComparingInt(c -> c.frame.index);

    /** Whether it can be written now, and has not been since it was found. */
    boolean holds() {
      return frame.recLsn() == recLsn && !frame.latch.isExclusive();
    }
  }

  /**
   * Up to {@code count} dirty frames that nobody holds exclusively, the oldest recLSN first; fewer
   * only if there are no more.
   */
  List<Frame> take(int count) {
    List<Frame> taken = new ArrayList<>(count);
    if (arrivals != frames.oldArrivals()) {
      found = List.of();
      next = 0;
    }
    hand(taken, count);
    if (taken.size() < count) {
      look(Math.max(count, frames.count() / LOOKS_PER_FOUND));
      taken.clear(); // those are among what was found now
      hand(taken, count);
    }
    return taken;
  }

  private void hand(List<Frame> taken, int count) {
    while (next < found.size() && taken.size() < count) {
      Candidate candidate = found.get(next++);
      if (candidate.holds()) {
        taken.add(candidate.frame);
      }
    }
  }

  private void look(int count) {
    arrivals = frames.oldArrivals();
    PriorityQueue<Candidate> youngestFirst =
        new PriorityQueue<>(count + 1, Candidate.OLDEST_FIRST.reversed());
    long limit = Long.MAX_VALUE;
    for (int i = 0; i < frames.count(); i++) {
      Frame frame = frames.at(i);
      long recLsn = frame.recLsn();
      if (recLsn == 0 || recLsn >= limit || frame.latch.isExclusive()) {
        continue; // one that is latched would only keep another out of the batch
      }
      youngestFirst.add(new Candidate(frame, recLsn));
      if (youngestFirst.size() > count) {
        youngestFirst.poll();
        limit = youngestFirst.element().recLsn;
      }
    }
    found = new ArrayList<>(youngestFirst);
    found.sort(Candidate.OLDEST_FIRST);
    next = 0;
  }
}
