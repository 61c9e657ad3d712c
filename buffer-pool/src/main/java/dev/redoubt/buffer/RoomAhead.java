package dev.redoubt.buffer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.Environment;
import dev.redoubt.io.StorageException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes room for new pages before anybody needs it, by a thread of its own: space in the store, and
 * memory for the frames that are used next. Both take milliseconds, in which who loads a store
 * would do nothing else. Only a help: whoever finds no room makes it himself, and meets the error
 * if there is none. Thread-safe.
 */
final class RoomAhead {
  /** Of what the store has room for, so much is free at least. */
  private static final int PART = 16;

  private static final long LEAST_PAGES = 16;

  /** However fast pages are taken, no more are made ahead than a force may take long. */
  private static final long MOST_BYTES = 32 << 20;

  /** While so many pages are taken as during the last growth, room for that many times is made. */
  private static final int TIMES = 4;

  private final PageStore store;
  private final FrameSupply supply;
  private final PoolLog log;
  private final Environment environment;
  private final AtomicLong usedUpTo = new AtomicLong();

  /** Pages taken while the store grew last: whether that keeps up. Written by the thread. */
  private volatile long takenMeanwhile;

  /** The store could not be made longer than this. Written by the thread. */
  private volatile long fullAt = -1;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private @Nullable Thread thread;

  @GuardedBy("lock")
  private boolean asked;

  @GuardedBy("lock")
  private boolean stopped;

  RoomAhead(PageStore store, FrameSupply supply, PoolLog log, Environment environment) {
    this.store = store;
    this.supply = supply;
    this.log = log;
    this.environment = environment;
  }

  /** Pages up to this one are in use, or will be in a moment. Cheap, and never waits for I/O. */
  void usedUpTo(long pageId) {
    if (pageId > usedUpTo.get()) {
      usedUpTo.accumulateAndGet(pageId, Math::max);
      if (isSpaceDue()) {
        ask();
      }
    }
  }

  private long margin(long capacity) {
    long most = MOST_BYTES / store.pageSize();
    return Math.clamp(Math.max(capacity / PART, TIMES * takenMeanwhile), LEAST_PAGES, most);
  }

  private boolean isSpaceDue() {
    long capacity = store.capacityPages();
    return capacity != fullAt && capacity - usedUpTo.get() < margin(capacity);
  }

  /** Has the thread look now. */
  void ask() {
    lock.lock();
    try {
      if (thread == null && !stopped) {
        thread = environment.start("redoubt-room-ahead", this::run);
      }
      if (!asked) {
        asked = true;
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Returns when the thread has ended. */
  void stop() {
    Thread running;
    lock.lock();
    try {
      stopped = true;
      changed.signal();
      running = thread;
    } finally {
      lock.unlock();
    }
    if (running != null) {
      Environment.awaitEnd(running);
    }
  }

  private boolean awaitWork() {
    lock.lock();
    try {
      while (!asked && !stopped) {
        changed.awaitUninterruptibly();
      }
      asked = false;
      return !stopped;
    } finally {
      lock.unlock();
    }
  }

  private boolean isStopped() {
    lock.lock();
    try {
      return stopped;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (awaitWork()) {
        do {
          makeMemory();
        } while (growStore());
      }
    } catch (StorageException e) {
      // Whoever needs the room meets the same error.
    } catch (OutOfMemoryError e) {
      // The same: frames that are used have their memory, and so has the pool what it needs.
    } catch (Throwable e) {
      log.gate().halt(e);
    }
  }

  private void makeMemory() {
    while (supply.makeMemoryAhead()) {
      if (isStopped()) {
        return;
      }
    }
  }

  /** Returns whether that was due. Takes as long as a force, in which memory is used up. */
  private boolean growStore() {
    if (!isSpaceDue() || isStopped()) {
      return false;
    }
    long capacity = store.capacityPages();
    long before = usedUpTo.get();
    try {
      long more = Math.min(2 * margin(capacity), MOST_BYTES / store.pageSize());
      store.ensureCapacity(Math.max(capacity, before) + more);
    } catch (DiskFullException full) {
      fullAt = store.capacityPages();
    }
    takenMeanwhile = usedUpTo.get() - before;
    supply.keepMemoryAhead(Math.min(TIMES * takenMeanwhile, MOST_BYTES / store.pageSize()));
    return true;
  }
}
