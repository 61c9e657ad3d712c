package dev.redoubt.buffer;

import dev.redoubt.buffer.PageLoader.Purpose;
import dev.redoubt.io.Environment;
import dev.redoubt.wal.Log;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Pages in memory, fewer than there are on disk. Pages are reached through guards only; a page that
 * is not in memory is read and verified; a page that makes room has been written before. Memory is
 * off the heap and is never given back while anything can read it. Thread-safe.
 *
 * <p>A caller may ask for a page while it holds others, in the latch order of the modules above.
 * Bringing a page in never waits for a latch, only for I/O and the log.
 */
public final class BufferPool implements AutoCloseable {
  private final PageStore store;
  private final PoolLog log;
  private final Frames frames;
  private final PageTable table;
  private final PageLoader loader;
  private final ReplacementPolicy policy;
  private final PageFaults pageFaults;
  private final PageCleaner cleaner;
  private final PacedCleaner paced;
  private final FrameSupply supply;
  private final HitSampler sampler;
  private final boolean everyHit;
  private final @Nullable CleanerThread thread;
  private final @Nullable ReadAhead readAhead;
  private final @Nullable RoomAhead roomAhead;

  /**
   * @param store stays the caller's, who closes it after the pool
   * @param log stays the caller's
   * @param environment makes the cleaner thread, if there is one
   */
  public BufferPool(PageStore store, Log log, Environment environment, BufferPoolOptions options) {
    this(store, PoolLog.of(log), environment, options);
  }

  BufferPool(PageStore store, PoolLog log, Environment environment, BufferPoolOptions options) {
    this(
        store,
        log,
        environment,
        options,
        switch (options.replacement()) {
          case CAFFEINE -> CaffeinePolicy::new;
          case CLOCK -> ClockPolicy::new;
        },
        HitSampler.paidByFaults());
  }

  /** With a policy of the caller's, told of the hits that the sampler picks unless it wants all. */
  BufferPool(
      PageStore store,
      PoolLog log,
      Environment environment,
      BufferPoolOptions options,
      Function<Frames, ReplacementPolicy> replacement,
      HitSampler sampler) {
    this.store = store;
    this.log = log;
    this.frames = new Frames(options.frames(), store.pageSize());
    this.table = frames.table;
    PageVerifier verifier = new PageVerifier(log.storeId(), store.pageSize());
    RefusedPages refused = new RefusedPages();
    this.loader = new PageLoader(store, log, verifier, frames, refused);
    this.policy = replacement.apply(frames);
    this.everyHit = policy.wantsEveryHit();
    this.sampler = sampler;
    this.cleaner = new PageCleaner(frames, store, log, verifier);
    this.supply = new FrameSupply(frames, policy, cleaner, loader);
    this.pageFaults = new PageFaults(frames, supply, loader, policy, sampler, store, refused);
    this.paced = new PacedCleaner(frames, cleaner, log, environment);
    this.thread = options.background() ? new CleanerThread(paced, supply, log, environment) : null;
    if (thread != null) {
      supply.whenCleaningIsDue(thread::signal);
      store.writeSideBySide(environment);
    }
    this.roomAhead = options.background() ? new RoomAhead(store, supply, log, environment) : null;
    if (roomAhead != null) {
      supply.whenMemoryIsDue(roomAhead::ask);
    }
    this.readAhead =
        options.background()
            ? new ReadAhead(pageFaults, frames, supply, loader, environment)
            : null;
  }

  /** Length of a page in bytes. */
  public int pageSize() {
    return store.pageSize();
  }

  /** Where the pages live. */
  public PageStore store() {
    return store;
  }

  /**
   * The page for reading, latched shared. Waits for a writer of it, and for its bytes.
   *
   * @throws IllegalArgumentException if {@code pageId} is below 1
   * @throws dev.redoubt.io.CorruptionException if the stored page is damaged, was never formatted,
   *     or lies beyond the end of the store; nothing is held, other pages stay readable
   * @throws dev.redoubt.io.StorageIoException if it cannot be read; nothing is held
   * @throws PoolExhaustedException if every frame is held by open guards; nothing is held
   * @throws dev.redoubt.io.EngineHaltedException if room had to be made and writing has halted
   */
  public PageGuard shared(long pageId) {
    Frame frame = table.get(pageId);
    if (frame == null || !frame.latch.shared(pageId)) {
      frame = pageFaults.acquire(pageId, false, Purpose.USE);
    }
    return guard(frame, false);
  }

  /** The page for writing, latched exclusively. As {@link #shared}. */
  public PageGuard exclusive(long pageId) {
    Frame frame = table.get(pageId);
    if (frame == null || !frame.latch.exclusive(pageId)) {
      frame = pageFaults.acquire(pageId, true, Purpose.USE);
    }
    return guard(frame, true);
  }

  /** A guard of a latched frame; no error, not even a full heap, leaves the latch behind. */
  private PageGuard guard(Frame frame, boolean exclusive) {
    boolean given = false;
    try {
      touch(frame);
      PageGuard guard = new PageGuard(this, frame, exclusive);
      given = true;
      return guard;
    } finally {
      if (!given) {
        if (exclusive) {
          frame.latch.releaseExclusive();
        } else {
          frame.latch.releaseShared();
        }
      }
    }
  }

  /**
   * The page for formatting, latched exclusively: nothing is read from the store. If it is not in
   * memory it is all zeros, else it is what it was. Makes space in the store if the page lies
   * beyond its end.
   *
   * @throws dev.redoubt.io.DiskFullException if space had to be made and there is none
   */
  public PageGuard fresh(long pageId) {
    return new PageGuard(this, pageFaults.acquire(pageId, true, Purpose.FORMAT), true);
  }

  /**
   * The page for redo, latched exclusively, whatever its state: one that was never formatted is all
   * zeros; of one that cannot be used {@link PageGuard#unreadable} says why. Makes space in the
   * store if the page lies beyond its end.
   */
  public PageGuard forRedo(long pageId) {
    return new PageGuard(this, pageFaults.acquire(pageId, true, Purpose.REDO), true);
  }

  /** As {@link #exclusive}, but a page that was never formatted is all zeros, as {@link #fresh}. */
  public PageGuard orBlank(long pageId) {
    return new PageGuard(this, pageFaults.acquire(pageId, true, Purpose.USE_OR_BLANK), true);
  }

  /**
   * The frame that the page is in, brought in if need be; it may hold another at any moment, which
   * {@link Frame#stamp} tells. As {@link #shared}, but nothing is held at return.
   */
  public Frame frame(long pageId) {
    for (; ; ) {
      Frame frame = table.get(pageId);
      if (frame != null && frame.latch.tag() == pageId) {
        touch(frame);
        return frame;
      }
      pageFaults.acquire(pageId, false, Purpose.USE).latch.releaseShared();
    }
  }

  /** The page for reading without a latch. As {@link #shared}, but nothing is held at return. */
  public OptimisticPage optimistic(long pageId) {
    return optimistic(pageId, new OptimisticPage(frames.at(0)));
  }

  /** The same, into a token of the caller's that is used again; returns it. */
  public OptimisticPage optimistic(long pageId, OptimisticPage into) {
    for (; ; ) {
      Frame frame = table.get(pageId);
      if (frame != null) {
        long stamp = frame.latch.optimistic();
        if (stamp != VersionLatch.NO_STAMP && frame.latch.tag() == pageId) {
          touch(frame);
          into.set(frame, pageId, stamp);
          return into;
        }
      }
      // Not here, or a writer is at it: come by the sleeping road, and look again.
      pageFaults.acquire(pageId, false, Purpose.USE).latch.releaseShared();
    }
  }

  /**
   * Says that these pages will soon be asked for, in this order: those not in memory are brought in
   * meanwhile, at most {@link #maxPrefetch} of them, neighbours in one read. Only a hint: it never
   * waits and never fails, nothing that the policy wants to keep makes room, and a page that cannot
   * be read is simply not there. Without background threads it does nothing.
   *
   * @return how many of the pages are on their way now
   */
  public int prefetch(long... pageIds) {
    return readAhead == null ? 0 : readAhead.ask(pageIds);
  }

  /** How many pages one call of {@link #prefetch} brings in at most; 0 if it does nothing. */
  public int maxPrefetch() {
    return readAhead == null ? 0 : readAhead.maxPages();
  }

  /**
   * Says that pages up to this one are in use or will be in a moment, so that the store is made
   * longer before more are wanted. Only a hint: it never waits for I/O and never fails. Without
   * background threads it does nothing.
   */
  public void usedUpTo(long pageId) {
    if (roomAhead != null) {
      roomAhead.usedUpTo(pageId);
    }
  }

  /**
   * Lets nobody use a page that is readable and yet wrong: whatever of it is in memory is dropped,
   * dirty or not. From now on whoever asks for it fails with {@code why} as the cause, but for
   * {@link #forRedo}, which hands it on. Formatting it anew lifts this. Called with no guard on it.
   */
  public void refuse(long pageId, RuntimeException why) {
    pageFaults.refuse(pageId, why);
  }

  /**
   * The page for redo of what it is owed, as {@link #forRedo}: nobody else sees it before {@link
   * PageGuard#redone}. Null if it is owed nothing, or not any more.
   */
  public @Nullable PageGuard forOwedRedo(long pageId) {
    Frame frame = pageFaults.acquireOwed(pageId);
    return frame == null ? null : new PageGuard(this, frame, true);
  }

  /** From now on these pages are shown to nobody before they are up to date. */
  public void setOwed(OwedRedo owed) {
    pageFaults.setOwed(owed);
  }

  void redone(Frame frame) {
    pageFaults.publish(frame);
  }

  /** From now on damaged pages are repaired when they are brought in for use. */
  public void setRepair(PageRepair repair) {
    loader.setRepair(repair);
  }

  /**
   * The stored page was written with at least this pageLSN: an older one is a lost write, and one
   * that is in memory is dropped.
   */
  public void expectVersion(long pageId, long pageLsn) {
    frames.written.wrote(pageId, pageLsn);
    pageFaults.dropOlder(pageId, pageLsn);
  }

  void formatted(long pageId) {
    loader.formatted(pageId);
  }

  private void touch(Frame frame) {
    if (everyHit || sampler.next()) {
      policy.touched(frame);
    }
  }

  void discard(Frame frame) {
    pageFaults.discard(frame);
  }

  Frames frames() {
    return frames;
  }

  void turnDirty(Frame frame) {
    frames.turnDirty(frame, log);
  }

  /**
   * The dirty page table, copied while everyone goes on (I-4): every page dirty from before the
   * call until after it, with a recLSN at or below its first change not yet on disk. Pages that
   * turn dirty meanwhile may be missing: their records come after all that was appended before the
   * call.
   */
  public List<DirtyPage> dirtyPages() {
    return frames.dirtyPages();
  }

  /** Smallest recLSN of any dirty page; {@code Long.MAX_VALUE} if none is dirty. */
  public long oldestRecLsn() {
    return frames.oldestRecLsn();
  }

  /**
   * Writes up to {@code maxPages} dirty pages, oldest recLSN first, and some of their neighbours;
   * at return they are home and durable. Waits for no latch: pages latched exclusively are left.
   *
   * @return how many left the dirty page table
   * @throws dev.redoubt.io.EngineHaltedException if anything failed; nothing more is written
   */
  public int cleanSome(int maxPages) {
    return cleaner.clean(List.of(), maxPages);
  }

  /** The same as the cleaner does it at its pace: {@link PageStore#writeGently}. */
  public int cleanGently(int maxPages) {
    return cleaner.cleanGently(maxPages);
  }

  /**
   * Writes until every change made before the call is home and durable. Called with no guard open
   * in this thread: it waits for pages that are latched.
   *
   * @throws dev.redoubt.io.EngineHaltedException if anything failed; nothing more will be written
   */
  public void flushAll() {
    cleaner.flushAll();
  }

  /**
   * Does what the cleaner thread does, once: writes the pages that are due so that the log from the
   * oldest recLSN to the end stays around the redo target. For pools without {@code background};
   * harmless otherwise.
   *
   * @throws dev.redoubt.io.EngineHaltedException if anything failed; nothing more is written
   */
  public void cleanDue() {
    paced.cleanDue();
  }

  /**
   * The cleaner keeps the log from the oldest recLSN to the end at about this, and goes at full
   * speed where it is an eighth longer.
   */
  public void setRedoTarget(long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("a redo target is above 0: " + bytes);
    }
    paced.setTarget(bytes);
    if (thread != null) {
      thread.signal();
    }
  }

  /**
   * Whether the cleaner rests: then pages are written only by those who need a frame, and by
   * explicit calls. For restart, which makes pages dirty that are all due at once.
   */
  public void pauseCleaning(boolean on) {
    paced.pause(on);
  }

  /** What {@link #setRedoTarget} was told last, in bytes. */
  public long redoTarget() {
    return paced.targetBytes();
  }

  /** How often a clean page turned dirty since opening. */
  public long pagesDirtied() {
    return frames.dirtied();
  }

  /** Pages read from the store since opening, ahead or not. */
  public long pagesRead() {
    return loader.reads();
  }

  /** Figures of now, not all of one moment. */
  public BufferPoolStats stats() {
    return new BufferPoolStats(
        frames.count(),
        frames.residentCount(),
        frames.dirtyCount(),
        pageFaults.count(),
        supply.evictions(),
        cleaner.pagesWritten(),
        frames.oldestRecLsn());
  }

  /**
   * Stops the threads and gives the frames up; writes nothing. Guards that are still open stay
   * usable; pages that are not in memory throw {@link IllegalStateException} from now on.
   */
  @Override
  public void close() {
    pageFaults.close();
    if (readAhead != null) {
      readAhead.stop();
    }
    if (roomAhead != null) {
      roomAhead.stop();
    }
    if (thread != null) {
      thread.stop();
    }
  }
}
