package dev.redoubt.buffer;

import dev.redoubt.buffer.PageStore.PageImage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import jdk.jfr.FlightRecorder;

/**
 * Writes dirty pages home: the one place that does (steal). Thread-safe; one batch at a time, so
 * that no page has two home writes in flight.
 *
 * <p>Latches are only tried: a caller may hold some, and others may wait for this cleaner while
 * they hold theirs. A page that is latched exclusively is left for the next time.
 *
 * <h2>Leaving the dirty page table (rule 7)</h2>
 *
 * <ol>
 *   <li>Copy under a shared latch; let go; seal the copy.
 *   <li>Force the log past the pageLSN of every copy (I-1).
 *   <li>Write the copies, home and forced. Until here the pages stay dirty and so in their frames.
 *       <em>Were a page clean before the force, a checkpoint could forget it, the log be cut, and
 *       the power fail.</em>
 *   <li>Under a shared latch: the pageLSN is still the copy's: clean. Else recLSN is at least the
 *       next LSN after the copy's pageLSN: changes of a page come in LSN order. <em>Not the end of
 *       the log, as the rule has it: redo applies records that lie far below that.</em>
 * </ol>
 */
final class PageCleaner {
  /** How many neighbours on either side go along with a page that was picked. */
  private static final int MAX_NEIGHBOURS = 16;

  private final Frames frames;
  private final PageStore store;
  private final PoolLog log;
  private final PageVerifier verifier;
  private final LongAdder pagesWritten = new LongAdder();
  private final ReentrantLock batchLock = new ReentrantLock();

  // All below guarded by batchLock.
  private final OldestFirst oldestFirst;
  private final int batchPages;
  private final MemorySegment[] copies;
  private final Frame[] copied;
  private final List<PageImage> images = new ArrayList<>();

  PageCleaner(Frames frames, PageStore store, PoolLog log, PageVerifier verifier) {
    this.frames = frames;
    this.store = store;
    this.log = log;
    this.verifier = verifier;
    this.oldestFirst = new OldestFirst(frames);
    int pageSize = store.pageSize();
    this.batchPages = Math.min(frames.count(), DoubleWriteLayout.maxPages(pageSize));
    this.copied = new Frame[batchPages];
    this.copies = new MemorySegment[batchPages];
    MemorySegment buffer =
        Arena.ofAuto().allocate((long) batchPages * pageSize, PageLayout.MIN_PAGE_BYTES);
    for (int i = 0; i < batchPages; i++) {
      copies[i] = buffer.asSlice((long) i * pageSize, pageSize);
    }
  }

  long pagesWritten() {
    return pagesWritten.sum();
  }

  int batchPages() {
    return batchPages;
  }

  /**
   * Writes dirty pages: the wanted ones first, then those with the oldest recLSN, {@code maxPages}
   * in all and some neighbours of theirs. At return those written are home and durable.
   *
   * @return how many pages left the dirty page table
   * @throws dev.redoubt.io.EngineHaltedException if anything failed; nothing more will be written
   */
  int clean(List<Frame> wanted, int maxPages) {
    return clean(wanted, maxPages, store::writeDurably);
  }

  /** The same, oldest first, for nobody who waits: {@link PageStore#writeGently}. */
  int cleanGently(int maxPages) {
    return clean(List.of(), maxPages, store::writeGently);
  }

  private int clean(List<Frame> wanted, int maxPages, Consumer<List<PageImage>> home) {
    batchLock.lock();
    try {
      log.gate().check();
      int left = 0;
      int todo = Math.min(maxPages, Math.max(frames.dirtyCount(), wanted.size()));
      List<Frame> first = wanted;
      while (todo > 0) {
        List<Frame> batch = pick(first, Math.min(todo, batchPages));
        int cleaned = writeBatch(batch, home);
        left += cleaned;
        todo -= Math.max(batch.size(), 1);
        first = List.of();
        if (cleaned == 0) {
          break;
        }
      }
      return left;
    } catch (Throwable e) {
      throw log.gate().halt(e);
    } finally {
      batchLock.unlock();
    }
  }

  private List<Frame> pick(List<Frame> wanted, int maxPages) {
    List<Frame> batch = new ArrayList<>(batchPages);
    for (Frame frame : wanted) {
      add(batch, frame, maxPages);
    }
    int picked = batch.size();
    for (int i = 0; i < picked; i++) {
      addNeighbours(batch, batch.get(i));
    }
    oldestFirst.begin();
    while (batch.size() < maxPages) {
      Frame oldest = oldestFirst.next();
      if (oldest == null) {
        break;
      }
      if (add(batch, oldest, maxPages)) {
        addNeighbours(batch, oldest);
      }
    }
    for (Frame frame : batch) {
      frame.picked = false;
    }
    batch.sort(Comparator.comparingLong(Frame::pageId));
    return batch;
  }

  /**
   * Pages beside each other are one write to the disk. Neighbours go along if they are half as old
   * as the page that was picked: one written long before its time turns dirty again and is written
   * twice. So pages come to be cleaned in runs: those written together turn dirty at about the same
   * time.
   */
  private void addNeighbours(List<Frame> batch, Frame frame) {
    long endLsn = log.endLsn();
    long belowLsn = endLsn - Math.max(0, endLsn - frame.recLsn()) / 2;
    addRun(batch, frame.pageId(), 1, belowLsn);
    addRun(batch, frame.pageId(), -1, belowLsn);
  }

  private void addRun(List<Frame> batch, long pageId, int step, long belowLsn) {
    for (int distance = 1; distance <= MAX_NEIGHBOURS; distance++) {
      Frame neighbour = frames.table.get(pageId + (long) step * distance);
      if (neighbour == null
          || neighbour.recLsn() > belowLsn
          || !add(batch, neighbour, batchPages)) {
        return;
      }
    }
  }

  private boolean add(List<Frame> batch, Frame frame, int maxPages) {
    if (batch.size() >= maxPages || frame.picked || !frame.isDirty()) {
      return false;
    }
    frame.picked = true;
    return batch.add(frame);
  }

  private int writeBatch(List<Frame> batch, Consumer<List<PageImage>> home) {
    int count = copy(batch);
    if (count == 0) {
      return 0;
    }
    forceLog(count);
    for (int i = 0; i < count; i++) {
      checkWriteAheadRule(copies[i]);
    }
    PageWriteEvent event = FlightRecorder.isInitialized() ? PageWriteEvent.begun(images) : null;
    home.accept(images);
    if (event != null) {
      event.commit();
    }
    pagesWritten.add(count);
    int left = 0;
    for (int i = 0; i < count; i++) {
      frames.written.wrote(PageLayout.pageId(copies[i]), PageLayout.pageLsn(copies[i]));
      if (leaveTable(copied[i], copies[i])) {
        left++;
      }
    }
    return left;
  }

  /** Copies and seals what can be latched now; returns how many. */
  private int copy(List<Frame> batch) {
    images.clear();
    int count = 0;
    for (Frame frame : batch) {
      long tag = frame.latch.tag();
      long pageId = Frame.pageOf(tag);
      if (pageId == 0 || !frame.latch.tryShared(tag)) {
        continue;
      }
      try {
        if (!frame.isDirty()) {
          continue;
        }
        copies[count].copyFrom(frame.page);
      } finally {
        frame.latch.releaseShared();
      }
      MemorySegment copy = copies[count];
      Invariant.check(
          PageLayout.pageId(copy) == pageId && PageLayout.type(copy) != 0,
          "page " + pageId + " is dirty and was not formatted as such");
      verifier.seal(copy, pageId);
      copied[count++] = frame;
      ByteBuffer bytes = copy.asByteBuffer();
      images.add(new PageImage(pageId, bytes));
    }
    return count;
  }

  private void forceLog(int count) {
    long newest = 0;
    for (int i = 0; i < count; i++) {
      newest = Math.max(newest, PageLayout.pageLsn(copies[i]));
    }
    if (newest > 0 && log.durableEndLsn() <= newest) {
      log.force(newest);
    }
  }

  /** I-1, at the single place that writes pages. The durable end is exclusive (rule 1). */
  private void checkWriteAheadRule(MemorySegment copy) {
    long durableEnd = log.durableEndLsn();
    if (PageLayout.pageLsn(copy) >= durableEnd) {
      throw new AssertionError(
          "I-1: page "
              + PageLayout.pageId(copy)
              + " with pageLSN "
              + PageLayout.pageLsn(copy)
              + " must not go home, the log is durable below "
              + durableEnd
              + " only");
    }
  }

  /** Whether the page is clean now. One that is latched exclusively stays as dirty as it was. */
  private boolean leaveTable(Frame frame, MemorySegment copy) {
    long pageId = PageLayout.pageId(copy);
    long tag = frame.latch.tag();
    if (Frame.pageOf(tag) != pageId || !frame.latch.tryShared(tag)) {
      return false;
    }
    try {
      if (!frame.isDirty()) {
        return false;
      }
      if (PageLayout.pageLsn(frame.page) == PageLayout.pageLsn(copy)) {
        frames.markClean(frame);
        return true;
      }
      // Never back: a change that was given up left a recLSN above the pageLSN that was copied, and
      // below it the log may be gone.
      frame.setRecLsn(Math.max(frame.recLsn(), PageLayout.pageLsn(copy) + 1));
      return false;
    } finally {
      frame.latch.releaseShared();
    }
  }

  /**
   * Writes until every page that is dirty at the call has been written. The caller holds no latch:
   * between batches this waits for latched pages.
   */
  void flushAll() {
    long end = log.endLsn();
    while (frames.oldestRecLsn() < end) {
      if (clean(List.of(), batchPages) == 0) {
        for (int i = 0; i < frames.count(); i++) {
          if (frames.at(i).isDirty()) {
            awaitUnlatched(frames.at(i));
          }
        }
      }
    }
  }

  private static void awaitUnlatched(Frame frame) {
    long tag = frame.latch.tag();
    if (tag != 0 && frame.latch.shared(tag)) {
      frame.latch.releaseShared();
    }
  }
}
