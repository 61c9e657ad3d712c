package dev.redoubt.buffer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.redoubt.io.Disk;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.Environment;
import dev.redoubt.io.StorageException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Brings pages in that somebody will soon ask for, by threads of its own: neighbours in one read,
 * others side by side. Thread-safe; whoever asks never waits.
 *
 * <p>It takes unused frames and victims that the policy has given up already, and stops where there
 * are none: nothing is cleaned for it and nothing hot makes room. Whatever goes wrong with a page
 * is left to the reader who asks for it in earnest: the page is then simply not there.
 */
final class ReadAhead {
  /** Pages waiting to be brought in; what is asked for beyond them is forgotten. */
  private static final int MAX_QUEUED_PAGES = 512;

  /**
   * At most this share of the frames for one asker: about so many victims are in stock, and so long
   * does a page stay that nobody has touched.
   */
  private static final int SHARE = 32;

  private static final int FEWEST = 4;

  /** Neighbours read at once: 32 pages of 8 KiB. Longer reads gain little more. */
  private static final int RUN_BYTES = 256 << 10;

  /** Pages that lie apart are read side by side. */
  private static final int THREADS = 4;

  private final PageFaults faults;
  private final Frames frames;
  private final FrameSupply supply;
  private final PageLoader loader;
  private final Environment environment;
  private final int pageSize;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition asked = lock.newCondition();

  @GuardedBy("lock")
  private final Queue<long[]> queue = new ArrayDeque<>();

  @GuardedBy("lock")
  private int queuedPages;

  @GuardedBy("lock")
  private final List<Thread> threads = new ArrayList<>();

  @GuardedBy("lock")
  private boolean stopped;

  ReadAhead(
      PageFaults faults,
      Frames frames,
      FrameSupply supply,
      PageLoader loader,
      Environment environment) {
    this.faults = faults;
    this.frames = frames;
    this.supply = supply;
    this.loader = loader;
    this.environment = environment;
    this.pageSize = loader.pageSize();
  }

  /** How many pages one call asks for at most. */
  int maxPages() {
    return Math.max(FEWEST, frames.count() / SHARE);
  }

  /** Queues the runs of neighbours among the first pages; returns how many are on their way. */
  int ask(long[] pageIds) {
    if (areAllHere(pageIds)) {
      return 0;
    }
    long[] missing =
        Arrays.stream(pageIds)
            .filter(this::isMissing)
            .distinct()
            .limit(maxPages())
            .sorted()
            .toArray();
    if (missing.length == 0) {
      return 0;
    }
    lock.lock();
    try {
      if (stopped || queuedPages + missing.length > MAX_QUEUED_PAGES) {
        return 0;
      }
      while (threads.size() < THREADS) {
        String name = "redoubt-read-ahead-" + (threads.size() + 1);
        threads.add(environment.start(name, this::run));
      }
      int from = 0;
      while (from < missing.length) {
        int to = endOfRun(missing, from);
        queue.add(Arrays.copyOfRange(missing, from, to));
        from = to;
      }
      queuedPages += missing.length;
      asked.signalAll();
      return missing.length;
    } finally {
      lock.unlock();
    }
  }

  /** Mostly they are, and a scan should not notice that it has asked. */
  private boolean areAllHere(long[] pageIds) {
    for (long each : pageIds) {
      if (frames.table.get(each) == null) {
        return false;
      }
    }
    return true;
  }

  private boolean isMissing(long pageId) {
    return frames.table.get(pageId) == null && faults.mayBeReadAhead(pageId);
  }

  private int endOfRun(long[] pageIds, int from) {
    int end = from + 1;
    int longest = from + RUN_BYTES / pageSize;
    while (end < pageIds.length && end < longest && pageIds[end] == pageIds[end - 1] + 1) {
      end++;
    }
    return end;
  }

  private void run() {
    MemorySegment buffer = Arena.ofAuto().allocate(RUN_BYTES, Disk.BLOCK_BYTES);
    try {
      for (long[] run = next(); run != null; run = next()) {
        bringIn(run, buffer);
      }
    } catch (EngineHaltedException e) {
      // The gate is shut and knows why; readers meet it themselves.
    }
  }

  /** The next run; null when there will be none. */
  private long @Nullable [] next() {
    lock.lock();
    try {
      while (!stopped && queue.isEmpty()) {
        asked.awaitUninterruptibly();
      }
      long[] run = stopped ? null : queue.remove();
      queuedPages -= run == null ? 0 : run.length;
      return run;
    } finally {
      lock.unlock();
    }
  }

  /** Brings in those of the neighbouring pages that are still missing and find a frame. */
  private void bringIn(long[] run, MemorySegment buffer) {
    int from = 0;
    while (from < run.length) {
      List<Frame> claimed = claim(run, from);
      if (!claimed.isEmpty()) {
        fill(run[from], claimed, buffer);
      }
      // The page behind the claimed ones has come in meanwhile, or there was no frame for it.
      from += claimed.size() + 1;
    }
  }

  /** Empty frames entered as the pages from {@code from} on, held exclusively. */
  private List<Frame> claim(long[] run, int from) {
    List<Frame> claimed = new ArrayList<>();
    for (int i = from; i < run.length && isMissing(run[i]); i++) {
      Frame frame = supply.poll();
      if (frame == null) {
        break;
      }
      frame.unwritten = false;
      frame.latch.retag(faults.tag(run[i]));
      if (!frames.table.putIfAbsent(run[i], frame)) {
        faults.discard(frame);
        break;
      }
      frame.latch.retag(faults.tag(run[i])); // as it is now that the frame has the page
      claimed.add(frame);
    }
    return claimed;
  }

  private void fill(long firstPageId, List<Frame> claimed, MemorySegment buffer) {
    int filled = 0;
    try {
      MemorySegment bytes = buffer.asSlice(0, (long) claimed.size() * pageSize);
      loader.readAhead(firstPageId, bytes.asByteBuffer());
      for (; filled < claimed.size(); filled++) {
        Frame frame = claimed.get(filled);
        MemorySegment.copy(bytes, (long) filled * pageSize, frame.page, 0, pageSize);
        if (loader.isGood(frame, firstPageId + filled)) {
          faults.broughtIn(frame, firstPageId + filled, true);
          frame.latch.releaseExclusive();
        } else {
          faults.discard(frame);
        }
      }
    } catch (EngineHaltedException e) {
      throw e;
    } catch (StorageException e) {
      // Who wants one of these pages reads it again, alone, and is told.
    } finally {
      claimed.subList(filled, claimed.size()).forEach(faults::discard);
    }
  }

  /** Returns when the threads have ended. */
  void stop() {
    List<Thread> running;
    lock.lock();
    try {
      stopped = true;
      queue.clear();
      asked.signalAll();
      running = List.copyOf(threads);
    } finally {
      lock.unlock();
    }
    running.forEach(Environment::awaitEnd);
  }
}
