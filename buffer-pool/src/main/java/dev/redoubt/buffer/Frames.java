package dev.redoubt.buffer;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

/**
 * All frames of a pool, the table of the pages in them, and the dirty page table, which is the
 * recLSNs of the frames. Thread-safe as each method says.
 */
final class Frames {
  /** Sleepers of different frames rarely meet in so many queues. */
  private static final int QUEUES = 64;

  /**
   * Memory is made in pieces of about so many bytes, when the first of their frames is used: it is
   * zeroed when it is given out, and a pool of gigabytes would keep its opener waiting for that.
   */
  private static final int PIECE_BYTES = (int) FrameMemory.HUGE_BYTES;

  final PageTable table = new PageTable();
  final WrittenVersions written = new WrittenVersions();
  private final Frame[] frames;
  private final AtomicLongArray recLsns;
  private final int pageSize;
  private final FramePieces pieces;

  private final ReentrantLock growth = new ReentrantLock();

  /** Frames below have their memory, zeroed before this was told. Written under {@code growth}. */
  private volatile int memoryBelow;

  private final AtomicInteger dirtyCount = new AtomicInteger();
  private final LongAdder dirtied = new LongAdder();
  private final AtomicLong oldArrivals = new AtomicLong();

  /** No dirty frame has a smaller recLSN, or hardly: for pacing only. Spares most full scans. */
  private volatile long oldestAtLeast;

  Frames(int count, int pageSize) {
    LatchQueue[] queues = new LatchQueue[Math.min(QUEUES, count)];
    for (int i = 0; i < queues.length; i++) {
      queues[i] = new LatchQueue();
    }
    this.pageSize = pageSize;
    this.pieces = new FramePieces(count, pageSize, PIECE_BYTES);
    frames = new Frame[count];
    recLsns = new AtomicLongArray(count);
    for (int i = 0; i < count; i++) {
      frames[i] = new Frame(i, queues[i % queues.length], recLsns);
    }
  }

  /**
   * Gives memory to a frame that has none yet, and to those beside it. Called before the first page
   * comes in.
   *
   * @throws OutOfMemoryError if there is none; the frame stays as it is
   */
  void makeMemory(Frame frame) {
    if (frame.index < memoryBelow) {
      return;
    }
    growth.lock();
    try {
      if (!frame.hasMemory()) {
        make(frame.index, false);
      }
    } finally {
      growth.unlock();
    }
  }

  /** Guarded by {@code growth}. */
  private void make(int frame, boolean now) {
    int first = pieces.firstBeside(frame);
    int end = Math.min(frames.length, first + pieces.framesInPiece());
    MemorySegment piece = pieces.make(first, end);
    if (now) {
      piece.fill((byte) 0); // the system gives memory, and zeroes it, when it is first written
    }
    for (int i = first; i < end; i++) {
      frames[i].page = piece.asSlice((long) (i - first) * pageSize, pageSize);
      frames[i].unwritten = true;
    }
    if (first <= memoryBelow) {
      memoryBelow = Math.max(memoryBelow, end);
    }
  }

  /** Whether one of the {@code ahead} frames behind this one has no memory yet. */
  boolean isMemoryDue(int frame, int ahead) {
    int below = memoryBelow;
    return below < frames.length && frame + ahead >= below;
  }

  /**
   * Makes one piece of the memory of the frames that are used next if it is due, so that who uses
   * them does not wait for it.
   *
   * @return whether it was due
   * @throws OutOfMemoryError if there is none; they stay as they are
   */
  boolean makeMemoryAhead(int frame, int ahead) {
    growth.lock();
    try {
      boolean due = isMemoryDue(frame, ahead) && !frames[memoryBelow].hasMemory();
      if (due) {
        make(memoryBelow, true);
      }
      return due;
    } finally {
      growth.unlock();
    }
  }

  /** See {@link PageTouch#ahead}. */
  long touchAhead(long pageId) {
    return pieces.touch(table.lastPlace(pageId));
  }

  int count() {
    return frames.length;
  }

  /** How many frames get their memory together, the last ones of all aside. */
  int framesInPiece() {
    return Math.min(frames.length, pieces.framesInPiece());
  }

  Frame at(int index) {
    return frames[index];
  }

  /** recLSN of frame {@code index}; 0 if it is clean. */
  long recLsn(int index) {
    return recLsns.get(index);
  }

  int dirtyCount() {
    return dirtyCount.get();
  }

  /** How often a clean page turned dirty since opening. */
  long dirtied() {
    return dirtied.sum();
  }

  /** How often a page turned dirty from a recLSN on that was given: it may be an old one. */
  long oldArrivals() {
    return oldArrivals.get();
  }

  /** Dirty frames with a recLSN below {@code lsn}. */
  int dirtyBelow(long lsn) {
    int count = 0;
    for (int i = 0; i < frames.length; i++) {
      long recLsn = recLsns.getOpaque(i);
      if (recLsn != 0 && recLsn < lsn) {
        count++;
      }
    }
    return count;
  }

  /** Clean to dirty. The caller holds the frame exclusively. */
  void markDirty(Frame frame, long recLsn) {
    if (recLsn <= 0) {
      throw new IllegalArgumentException("a recLSN is above 0: " + recLsn);
    }
    if (!frame.isDirty()) {
      dirtyCount.incrementAndGet();
      dirtied.increment();
    }
    frame.setRecLsn(recLsn);
    if (recLsn < oldestAtLeast) {
      oldestAtLeast = recLsn; // restart: recLSNs of before
    }
    oldArrivals.incrementAndGet();
  }

  /**
   * Clean to dirty from the log's end on. The caller holds the frame exclusively. The frame is seen
   * to turn dirty <em>before</em> that end is read, and whoever copies the table waits for the
   * recLSN. Read first and set later, it could be left below the start of the log: by a whole
   * checkpoint in between, which would not know the page and would let go of that log.
   */
  void turnDirty(Frame frame, PoolLog log) {
    dirtyCount.incrementAndGet();
    dirtied.increment();
    frame.setRecLsn(Frame.TURNING_DIRTY);
    frame.setRecLsn(log.endLsn());
  }

  /** Dirty to clean. The caller holds the frame exclusively, or shared as the one cleaner. */
  void markClean(Frame frame) {
    if (frame.isDirty()) {
      dirtyCount.decrementAndGet();
      frame.setRecLsn(0);
    }
  }

  /** Takes the page out of the frame. The caller holds it exclusively, and goes on holding it. */
  void vacate(Frame frame) {
    long pageId = frame.pageId();
    if (pageId != 0) {
      table.remove(pageId, frame);
      frame.latch.retag(0);
    }
    frame.provisional = false;
    frame.defect = null;
    frame.referenced = false;
  }

  /**
   * The dirty page table, copied while everyone goes on (I-4). It has every page that was dirty
   * during the whole of the copying; one that turns dirty meanwhile has set its recLSN before its
   * append, which therefore comes after whatever was appended before this call.
   *
   * <p>An entry's head is the pageLSN, read while nobody held the page exclusively: whatever was
   * appended for the page before this call had been applied then. Nobody is waited for; pages that
   * are being changed get a second look at the end, and else have no head.
   */
  List<DirtyPage> dirtyPages() {
    List<DirtyPage> copy = new ArrayList<>(dirtyCount.get() + 16);
    List<Frame> busy = new ArrayList<>();
    copyDirty(copy, busy);
    for (int i = 0, again = 0; again < busy.size(); i++) {
      DirtyPage page = copy.get(i);
      if (page.headLsn() == 0) {
        copy.set(
            i, new DirtyPage(page.pageId(), page.recLsn(), busy.get(again++).head(page.pageId())));
      }
    }
    return copy;
  }

  private void copyDirty(List<DirtyPage> copy, List<Frame> busy) {
    for (int i = 0; i < frames.length; i++) {
      long recLsn = recLsns.get(i);
      Frame frame = frames[i];
      while (recLsn != 0) {
        if (recLsn == Frame.TURNING_DIRTY) {
          Thread.onSpinWait(); // two instructions of its writer
          recLsn = frame.recLsn();
          continue;
        }
        long pageId = frame.pageId();
        long again = frame.recLsn();
        if (again == recLsn) {
          if (pageId != 0) {
            long headLsn = frame.head(pageId);
            copy.add(new DirtyPage(pageId, recLsn, headLsn));
            if (headLsn == 0) {
              busy.add(frame);
            }
          }
          break;
        }
        recLsn = again; // cleaned, or raised after a write, or another page by now
      }
    }
  }

  /** Smallest recLSN; {@code Long.MAX_VALUE} if no frame is dirty. */
  long oldestRecLsn() {
    long oldest = Long.MAX_VALUE;
    if (dirtyCount.get() == 0) {
      return oldest;
    }
    for (int i = 0; i < frames.length; i++) {
      long recLsn = recLsns.get(i);
      if (recLsn != 0 && recLsn < oldest) {
        oldest = recLsn;
      }
    }
    return oldest;
  }

  /**
   * Whether the smallest recLSN is surely at least {@code lsn}. RecLSNs only grow, so the answer is
   * mostly known without looking; a page that turns dirty at this moment may be missed.
   *
   * @param endLsn the log's end, read before the call
   */
  boolean isOldestAtLeast(long lsn, long endLsn) {
    if (oldestAtLeast < lsn) {
      oldestAtLeast = Math.min(oldestRecLsn(), endLsn);
    }
    return oldestAtLeast >= lsn;
  }

  int residentCount() {
    int resident = 0;
    for (Frame frame : frames) {
      if (frame.pageId() != 0) {
        resident++;
      }
    }
    return resident;
  }
}
