package dev.redoubt.recovery;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.PageGuard;
import dev.redoubt.buffer.PageLayout;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.DiskFullException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which pages are in use: a bitmap in pages of its own, one for each group of pages (manager 1).
 * Allocation state is read only through guards (rule 16), and nothing but hints is kept in memory,
 * so opening does not grow with the store. Thread-safe.
 *
 * <p>A page goes from free to reserved (in memory: {@link #reserve}) to allocated (when a change
 * with {@link #addAllocate} has been logged). After a crash what was merely reserved is free.
 */
public final class SpaceMap {
  /** The file grows by an eighth, within these bounds, so that growing is seldom and never long. */
  private static final long MIN_GROWTH_PAGES = 32;

  private static final long MAX_GROWTH_PAGES = 4096;

  private final SpaceManager manager = new SpaceManager();
  private final long span;
  private final Set<Long> reserved = ConcurrentHashMap.newKeySet();

  /** No page below is free, as far as known. Lowered when a page becomes free. */
  private final AtomicLong hint = new AtomicLong(1);

  private final AtomicLong freed = new AtomicLong();
  private final LongAdder freedByChanges = new LongAdder();

  /** Groups come into being in order; up to this page they are there. */
  private volatile long lastKnownBitmap = RootDirectory.PAGE_ID + 1; // since the store is

  // One searches at a time. Held over page reads and the append of a new bitmap page; never taken
  // with a page latched, so that who waits for it holds no frame that the search may need.
  private final ReentrantLock searchLatch = new ReentrantLock();

  private final BufferPool pool;
  private @Nullable ChangeLogger changes;
  private @Nullable StructureSpace forward;

  SpaceMap(BufferPool pool) {
    this.pool = pool;
    this.span = SpaceManager.span(pool.pageSize());
  }

  void connect(ChangeLogger toChanges, StructureSpace toForward) {
    this.changes = toChanges;
    this.forward = toForward;
  }

  SpaceManager manager() {
    return manager;
  }

  /**
   * Claims a free page in memory and makes sure the file has room for it. Called with no latch
   * held. Nothing is logged for the page before {@link #addAllocate}.
   *
   * @return its id
   * @throws dev.redoubt.io.DiskFullException if the file cannot grow; nothing has changed
   */
  public long reserve() {
    return reserve(Objects.requireNonNull(forward), false);
  }

  /**
   * The same for undo, to which the last {@link UndoSlack#PAGES} pages of the file are kept: they
   * are there already if the file cannot grow.
   */
  long reserveForUndo(StructureSpace ofUndo) {
    return reserve(ofUndo, true);
  }

  private long reserve(StructureSpace from, boolean forUndo) {
    searchLatch.lock();
    try {
      long freedBefore = freed.get();
      long first = hint.get();
      long found = search(first, from, forUndo);
      makeRoom(found, forUndo);
      reserved.add(found);
      hint.compareAndSet(first, found + 1);
      if (freed.get() != freedBefore) {
        // A page freed behind the search must be found by the next one.
        lowerHint(first);
      }
      return found;
    } finally {
      searchLatch.unlock();
    }
  }

  private long search(long from, StructureSpace logSpace, boolean forUndo) {
    for (long group = (from - 1) / span; ; group++) {
      long first = group * span + 1;
      long bitmap = first + 1;
      makeRoom(bitmap, forUndo);
      formatIfNew(bitmap, logSpace);
      try (PageGuard guard = pool.shared(bitmap)) {
        long bit = freeBit(guard.page(), first, Math.max(0, from - first));
        if (bit >= 0) {
          return first + bit;
        }
      }
    }
  }

  private long freeBit(MemorySegment page, long first, long fromBit) {
    long bit = fromBit;
    while (bit < span) {
      if ((bit & 63) == 0 && word(page, bit) == -1L) {
        bit += 64;
      } else if (!SpaceManager.isSet(page, bit) && !reserved.contains(first + bit)) {
        return bit;
      } else {
        bit++;
      }
    }
    return -1;
  }

  private static long word(MemorySegment page, long bit) {
    return page.get(PayloadWriter.LONG, PageLayout.HEADER_BYTES + (bit >>> 3));
  }

  /** Makes the bitmap of a group that no page was ever allocated in. */
  private void formatIfNew(long bitmap, StructureSpace logSpace) {
    if (bitmap <= lastKnownBitmap) {
      return;
    }
    try (ChangeRoom room = logSpace.room(1);
        PageGuard guard = bitmap(bitmap)) {
      if (PageLayout.type(guard.page()) == 0) {
        AtomicChange format = addFormat(new AtomicChange(), guard, 0b10);
        Objects.requireNonNull(changes).structure(format, room);
      }
    }
    lastKnownBitmap = bitmap;
  }

  /**
   * A page of the map; of type 0 if no page of its group was ever in use, and then latched
   * exclusively. The map's page is made before those of its group, and of these the first ones are
   * used first: where one of them is not blank, a map page of zeros was lost, and must not be taken
   * for an empty one.
   */
  private PageGuard bitmap(long bitmap) {
    if (bitmap > lastKnownBitmap) {
      if (isBlank(bitmap - 1) && isBlank(bitmap + 1)) {
        return pool.orBlank(bitmap);
      }
      lastKnownBitmap = bitmap;
    }
    return pool.shared(bitmap);
  }

  private boolean isBlank(long pageId) {
    if (pageId > pool.store().capacityPages()) {
      return true;
    }
    try (PageGuard guard = pool.orBlank(pageId)) {
      return PageLayout.type(guard.page()) == 0;
    } catch (CorruptionException damaged) {
      return false;
    }
  }

  /** Adds the formatting of a bitmap page; {@code mask}: which of the first pages are in use. */
  AtomicChange addFormat(AtomicChange change, PageGuard guard, int mask) {
    return change.format(guard, manager).putByte(SpaceManager.FORMAT).putVarint(mask);
  }

  /** The file is kept longer than anything but undo needs, so that undo finds pages in it. */
  private void makeRoom(long pageId, boolean forUndo) {
    long capacity = pool.store().capacityPages();
    pool.usedUpTo(pageId + UndoSlack.PAGES);
    if (pageId + UndoSlack.PAGES <= capacity) {
      return;
    }
    long growth = Math.min(MAX_GROWTH_PAGES, Math.max(MIN_GROWTH_PAGES, capacity / 8));
    try {
      pool.store().ensureCapacity(Math.max(pageId + UndoSlack.PAGES, capacity + growth));
    } catch (DiskFullException full) {
      if (!forUndo || pageId > capacity) {
        throw full;
      }
    }
  }

  /** Gives back a page that was reserved and not allocated. */
  public void cancel(long pageId) {
    if (reserved.remove(pageId)) {
      freed(pageId);
    }
  }

  /**
   * Adds "page is in use" to {@code change}. No latch is taken here: the engine latches the bitmap
   * page itself when the change is logged, last of all pages and in page order, and lets go of it
   * when the change has been applied. May be called for several pages in one change.
   */
  public void addAllocate(AtomicChange change, long pageId) {
    add(change, pageId, SpaceManager.SET);
  }

  /** The same for "page is free"; others may reserve it once the change has been applied. */
  public void addFree(AtomicChange change, long pageId) {
    add(change, pageId, SpaceManager.CLEAR);
  }

  private void add(AtomicChange change, long pageId, int operation) {
    long bit = (pageId - 1) % span;
    if (pageId < 1 || bit == 1 || pageId == RootDirectory.PAGE_ID) {
      throw new IllegalArgumentException("page " + pageId + " belongs to the engine");
    }
    long bitmap = pageId - bit + 1;
    change.late(bitmap, manager).putByte(operation).putVarint(bit);
    change.settles(operation == SpaceManager.SET ? pageId : -pageId);
  }

  /** A change that allocated these pages, or freed those that come negative, has been applied. */
  void settle(long[] pageIds) {
    for (long pageId : pageIds) {
      if (pageId > 0) {
        reserved.remove(pageId);
      } else {
        freedByChanges.increment();
        freed(-pageId);
      }
    }
  }

  private void freed(long pageId) {
    freed.incrementAndGet();
    lowerHint(pageId);
  }

  private void lowerHint(long pageId) {
    hint.accumulateAndGet(pageId, Math::min);
  }

  /** Whether the page is allocated; reserved is not. */
  public boolean isAllocated(long pageId) {
    long bit = (pageId - 1) % span;
    long bitmap = pageId - bit + 1;
    if (bitmap > pool.store().capacityPages()) {
      return false;
    }
    try (PageGuard guard = bitmap(bitmap)) {
      return PageLayout.type(guard.page()) != 0 && SpaceManager.isSet(guard.page(), bit);
    }
  }

  /** Whether the page is one of the map itself or the root directory: allocated from the start. */
  public boolean isEnginePage(long pageId) {
    return pageId == RootDirectory.PAGE_ID || (pageId - 1) % span == 1;
  }

  /** Pages that changes have given back since the engine was opened. */
  public long freedPages() {
    return freedByChanges.sum();
  }

  /** Number of allocated pages, those of the map itself included; reads the whole map. */
  public long allocatedPages() {
    long count = 0;
    long capacity = pool.store().capacityPages();
    for (long bitmap = 2; bitmap <= capacity; bitmap += span) {
      try (PageGuard guard = bitmap(bitmap)) {
        if (PageLayout.type(guard.page()) == 0) {
          return count;
        }
        for (long bit = 0; bit < span; bit += 64) {
          count += Long.bitCount(word(guard.page(), bit));
        }
      }
    }
    return count;
  }
}
