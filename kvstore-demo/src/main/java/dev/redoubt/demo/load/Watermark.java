package dev.redoubt.demo.load;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Knows how many lines from the first on are durable while batches are committed in any order.
 * Thread-safe.
 */
final class Watermark {
  private final ReentrantLock latch = new ReentrantLock();
  private final LoadListener listener;

  /** Last line of each batch that finished before an earlier one. */
  @GuardedBy("latch")
  private final Map<Long, Long> ahead = new HashMap<>();

  @GuardedBy("latch")
  private long nextSequence;

  @GuardedBy("latch")
  private long lines;

  @GuardedBy("latch")
  private long entries;

  @GuardedBy("latch")
  private long transactions;

  @GuardedBy("latch")
  private long skipped;

  Watermark(LoadListener listener) {
    this.listener = listener;
  }

  /** The batch is durable, but for {@code skippedLines} of it. Tells the listener. */
  void finished(Batch batch, int skippedLines) {
    latch.lock();
    try {
      ahead.put(batch.sequence(), batch.lastLine());
      for (Long last = ahead.remove(nextSequence); last != null; ) {
        lines = last;
        nextSequence++;
        last = ahead.remove(nextSequence);
      }
      skipped += skippedLines;
      entries += batch.lines().size() - skippedLines;
      transactions++;
      // Under the latch, so that the numbers told never fall.
      listener.acknowledged(lines, entries);
    } finally {
      latch.unlock();
    }
  }

  long lines() {
    latch.lock();
    try {
      return lines;
    } finally {
      latch.unlock();
    }
  }

  long entries() {
    latch.lock();
    try {
      return entries;
    } finally {
      latch.unlock();
    }
  }

  long transactions() {
    latch.lock();
    try {
      return transactions;
    } finally {
      latch.unlock();
    }
  }

  long skipped() {
    latch.lock();
    try {
      return skipped;
    } finally {
      latch.unlock();
    }
  }
}
