package dev.redoubt.buffer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Names dirty frames in the order of their recLSNs. Finding the oldest takes a look at every frame,
 * which is long in a large pool: so as many are found at once as are worth one look, and handed out
 * over several batches. A page that turns dirty meanwhile is younger than all of them, but in
 * restart ({@link Frames#oldArrivals}), which makes this look again. Confined to the cleaner's
 * lock.
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
      return frame.recLsn() == recLsn && !frame.picked && !frame.latch.isExclusive();
    }
  }

  /** A batch begins: what arrived since the last one is among its pages if it is old enough. */
  void begin() {
    if (arrivals != frames.oldArrivals()) {
      found = List.of();
      next = 0;
    }
  }

  /**
   * A dirty frame that nobody holds exclusively and that is not picked yet, the one with the oldest
   * recLSN; null if there is none.
   */
  @Nullable Frame next() {
    Frame oldest = hand();
    if (oldest == null) {
      look(Math.max(1, frames.count() / LOOKS_PER_FOUND));
      oldest = hand();
    }
    return oldest;
  }

  private @Nullable Frame hand() {
    while (next < found.size()) {
      Candidate candidate = found.get(next++);
      if (candidate.holds()) {
        return candidate.frame;
      }
    }
    return null;
  }

  private void look(int count) {
    arrivals = frames.oldArrivals();
    PriorityQueue<Candidate> youngestFirst =
        new PriorityQueue<>(count + 1, Candidate.OLDEST_FIRST.reversed());
    long limit = Long.MAX_VALUE;
    for (int i = 0; i < frames.count(); i++) {
      long recLsn = frames.recLsn(i);
      if (recLsn == 0 || recLsn >= limit) {
        continue;
      }
      Frame frame = frames.at(i);
      if (frame.picked || frame.latch.isExclusive()) {
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
