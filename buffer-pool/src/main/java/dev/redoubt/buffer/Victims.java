package dev.redoubt.buffer;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Pages that the policy has given up, on their way out: those that are dirty wait to be written,
 * those that have been written wait to make room. Any of them may be touched or changed meanwhile,
 * or have left its frame. Thread-safe; never takes a latch.
 */
final class Victims {
  private final ReplacementPolicy policy;
  private final Queue<Frame> dirty = new ConcurrentLinkedQueue<>();
  private final Queue<Frame> cleaned = new ConcurrentLinkedQueue<>();
  private final AtomicInteger dirtyCount = new AtomicInteger();
  private final AtomicInteger cleanedCount = new AtomicInteger();

  Victims(ReplacementPolicy policy) {
    this.policy = policy;
  }

  /** The policy gave this frame up; it is dirty. */
  void toClean(Frame frame) {
    if (frame.victim) {
      return;
    }
    frame.victim = true;
    dirty.add(frame);
    dirtyCount.incrementAndGet();
  }

  /** Frames waiting to be written. */
  int toCleanCount() {
    return dirtyCount.get();
  }

  /** Frames that have been written and may make room. */
  int cleanedCount() {
    return cleanedCount.get();
  }

  /** Takes at most so many of those to be written, longest waiting first. */
  List<Frame> takeDirty(int most) {
    List<Frame> batch = new ArrayList<>();
    for (Frame frame = nextDirty(); frame != null; frame = nextDirty()) {
      if (policy.spares(frame)) {
        frame.victim = false;
      } else {
        batch.add(frame);
      }
      if (batch.size() == most) {
        break;
      }
    }
    return batch;
  }

  private @Nullable Frame nextDirty() {
    Frame frame = dirty.poll();
    if (frame != null) {
      dirtyCount.decrementAndGet();
    }
    return frame;
  }

  /** What was taken has been through the cleaner; what is dirty still stays a victim. */
  void cleaned(List<Frame> batch) {
    for (Frame frame : batch) {
      if (frame.isDirty()) {
        frame.victim = false;
        policy.refused(frame);
      } else {
        cleaned.add(frame);
        cleanedCount.incrementAndGet();
      }
    }
  }

  /** The next written one that nobody has touched since; null if there is none. */
  @Nullable Frame nextCleaned() {
    for (Frame frame = cleaned.poll(); frame != null; frame = cleaned.poll()) {
      cleanedCount.decrementAndGet();
      frame.victim = false;
      if (!policy.spares(frame)) {
        return frame;
      }
    }
    return null;
  }
}
