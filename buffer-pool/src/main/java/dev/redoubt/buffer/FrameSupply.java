package dev.redoubt.buffer;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Hands out empty frames: unused ones, then victims of the replacement policy, which is made to
 * name more if it has none, then whatever is clean and unlatched; if need be it has pages cleaned.
 * Thread-safe.
 *
 * <p>Who asks may hold latches on other pages. Nothing here waits for a latch: victims are only
 * tried, and so are the pages that are cleaned. So the asker waits for I/O at most.
 */
final class FrameSupply {
  /** Victims that one call looks at before it has some written, or gives up. */
  private static final int MAX_VICTIMS = 32;

  /** Pages written at a time when somebody waits for a frame and there is no victim. */
  private static final int CLEAN_BATCH = 32;

  /** Frames that the policy is made to give up at a time, when it has no victim. */
  private static final int GIVEN_UP = 4;

  /** Dirty victims that are worth a batch. */
  private static final int WORTH_CLEANING = 32;

  /**
   * Looks at a pool with all frames latched, and none let go of between two of them, before that is
   * taken for an error: half a second.
   */
  private static final int MAX_PINNED_ROUNDS = 500;

  private static final long PINNED_PAUSE_MILLIS = 1;

  private static final long NOT_ALL_HELD = 0;

  private final Frames frames;
  private final ReplacementPolicy policy;
  private final PageCleaner cleaner;
  private final PageLoader loader;
  private final Victims victims;

  /** Held by whoever has victims written: the others wait for theirs. */
  private final ReentrantLock cleaningLock = new ReentrantLock();

  private Runnable whenCleaningIsDue = () -> {};
  private Runnable whenMemoryIsDue = () -> {};
  private final LongAdder evictions = new LongAdder();
  private final Queue<Frame> unused = new ConcurrentLinkedQueue<>();

  /** How many frames were ever used; the others have no memory yet. */
  private final AtomicInteger used = new AtomicInteger();

  /** So many frames are to have their memory before they are used; a piece of them at least. */
  private volatile int framesAhead;

  private final AtomicInteger hand = new AtomicInteger();
  private final ReentrantLock pauseLock = new ReentrantLock();
  private final Condition never = pauseLock.newCondition();

  FrameSupply(Frames frames, ReplacementPolicy policy, PageCleaner cleaner, PageLoader loader) {
    this.frames = frames;
    this.policy = policy;
    this.cleaner = cleaner;
    this.loader = loader;
    this.victims = new Victims(policy);
    this.framesAhead = frames.framesInPiece();
  }

  /** Told, by whoever takes a frame, when {@link #cleanAhead} has something to do. Set at once. */
  void whenCleaningIsDue(Runnable told) {
    whenCleaningIsDue = told;
  }

  /** Told, by whoever takes a frame, when {@link #makeMemoryAhead} has something to do. */
  void whenMemoryIsDue(Runnable told) {
    whenMemoryIsDue = told;
  }

  /**
   * Makes a piece of memory for the frames that are used next, if it is due.
   *
   * @return whether it was
   * @throws OutOfMemoryError if there is none
   */
  boolean makeMemoryAhead() {
    return frames.makeMemoryAhead(used.get(), framesAhead); // of the frame that is used next
  }

  /** So many frames are to have their memory before they are used; a piece of them at least. */
  void keepMemoryAhead(long frameCount) {
    framesAhead = Math.clamp(frameCount, frames.framesInPiece(), frames.count());
  }

  long evictions() {
    return evictions.sum();
  }

  /**
   * An empty frame, held exclusively by the caller.
   *
   * @param pageId for whom, for the message
   * @throws PoolExhaustedException if all frames stay latched; the pool is as it was
   */
  Frame take(long pageId) {
    int pinnedRounds = 0;
    long seen = 0;
    for (; ; ) {
      Frame frame = poll();
      if (frame == null) {
        frame = cleanAndTake();
      }
      if (frame == null) {
        frame = sweep();
      }
      if (frame != null) {
        return frame;
      }
      if (cleaner.clean(List.of(), CLEAN_BATCH) > 0) {
        pinnedRounds = 0;
        continue;
      }
      long holds = holdsIfAllHeld();
      pinnedRounds = holds != NOT_ALL_HELD && holds == seen ? pinnedRounds + 1 : 0;
      seen = holds;
      if (pinnedRounds >= MAX_PINNED_ROUNDS) {
        throw new PoolExhaustedException(
            pageId, frames.count(), countExclusive(), MAX_PINNED_ROUNDS * PINNED_PAUSE_MILLIS);
      }
      pause();
    }
  }

  /** An empty frame, held exclusively, if one can be had at once and without cleaning; or null. */
  @Nullable Frame poll() {
    Frame frame = takeUnused();
    return frame != null ? frame : takeVictim();
  }

  /**
   * Has dirty victims written, unless somebody else did meanwhile; null if that gave no frame. When
   * the stock of victims is in the hands of others the policy is asked for more: <em>what is merely
   * clean and unlatched may be the hottest of all.</em>
   */
  private @Nullable Frame cleanAndTake() {
    cleaningLock.lock();
    try {
      Frame frame = takeVictimOrClean();
      return frame == null && policy.giveUp(GIVEN_UP) ? takeVictimOrClean() : frame;
    } finally {
      cleaningLock.unlock();
    }
  }

  private @Nullable Frame takeVictimOrClean() {
    Frame frame = takeVictim();
    return frame == null && cleanVictims() ? takeVictim() : frame;
  }

  /** Whether dirty victims should be written before anybody has to wait for one. */
  boolean isCleaningDue() {
    return victims.toCleanCount() >= WORTH_CLEANING
        && victims.cleanedCount() < cleaner.batchPages();
  }

  /**
   * Writes dirty victims if that is due, for those who will need frames.
   *
   * @return whether there were any
   * @throws dev.redoubt.io.EngineHaltedException if anything failed
   */
  boolean cleanAhead() {
    if (!isCleaningDue()) {
      return false;
    }
    cleaningLock.lock();
    try {
      return isCleaningDue() && cleanVictims();
    } finally {
      cleaningLock.unlock();
    }
  }

  private boolean cleanVictims() {
    List<Frame> batch = victims.takeDirty(cleaner.batchPages());
    if (batch.isEmpty()) {
      return false;
    }
    int dirty = (int) batch.stream().filter(Frame::isDirty).count();
    if (dirty > 0) { // else all were written in their turn while they waited
      cleaner.clean(batch, dirty);
    }
    victims.cleaned(batch);
    return true;
  }

  /** Gives an empty frame back; the caller holds it exclusively and lets go by this. */
  void giveBack(Frame frame) {
    frame.latch.releaseExclusive();
    unused.add(frame);
  }

  private @Nullable Frame takeUnused() {
    Frame frame = unused.poll();
    if (frame == null) {
      frame = firstUse();
    }
    if (frame == null) {
      return null;
    }
    // Nobody stays on an empty frame: one who comes late finds the wrong tag and lets go.
    Invariant.check(frame.latch.exclusive(0), "an unused frame holds a page");
    return frame;
  }

  private @Nullable Frame firstUse() {
    int index = used.get();
    while (index < frames.count()) {
      Frame frame = frames.at(index);
      frames.makeMemory(frame); // first, for it can fail
      if (frames.isMemoryDue(index, framesAhead)) {
        whenMemoryIsDue.run();
      }
      if (used.compareAndSet(index, index + 1)) {
        return frame;
      }
      index = used.get();
    }
    return null;
  }

  /**
   * A victim that is clean and unlatched. One is asked of the policy first, so that with every
   * frame taken a victim comes on its way; then those that have been written are looked at, then
   * more of the policy's. Dirty ones are put among those to be written.
   */
  private @Nullable Frame takeVictim() {
    boolean wasDue = isCleaningDue();
    Frame taken = reclaimOne(policy::nextVictim, 1);
    if (taken == null) {
      taken = reclaimOne(victims::nextCleaned, MAX_VICTIMS);
    }
    if (taken == null) {
      taken = reclaimOne(policy::nextVictim, MAX_VICTIMS);
    }
    if (!wasDue && isCleaningDue()) {
      whenCleaningIsDue.run();
    }
    return taken;
  }

  private @Nullable Frame reclaimOne(Supplier<@Nullable Frame> source, int most) {
    for (int looked = 0; looked < most; looked++) {
      Frame victim = source.get();
      if (victim == null) {
        return null;
      }
      if (tryReclaim(victim)) {
        return victim;
      }
      if (victim.isDirty()) {
        victims.toClean(victim);
      } else {
        policy.refused(victim);
      }
    }
    return null;
  }

  /** Any clean, unlatched frame: when the policy has nothing to offer. */
  private @Nullable Frame sweep() {
    for (int step = 0; step < frames.count(); step++) {
      Frame frame = frames.at(Math.floorMod(hand.getAndIncrement(), frames.count()));
      if (tryReclaim(frame)) {
        return frame;
      }
    }
    return null;
  }

  private boolean tryReclaim(Frame frame) {
    long tag = frame.latch.tag();
    long pageId = Frame.pageOf(tag);
    if (pageId == 0 || frame.isDirty() || !frame.latch.tryExclusive(tag)) {
      return false;
    }
    if (frame.isDirty()) {
      frame.latch.releaseExclusive();
      return false;
    }
    policy.removed(frame);
    frames.vacate(frame);
    evictions.increment();
    if (FlightRecorder.isInitialized()) {
      PageEvictEvent.emit(pageId);
    }
    return true;
  }

  /**
   * A hash of who holds what if every frame is latched: as long as it stays the same nobody has let
   * go of a frame, or as many have come as gone. A frame that a page is being read into is not held
   * by anybody who could let go of it: the disk is slow.
   */
  private long holdsIfAllHeld() {
    if (loader.isLoading()) {
      return NOT_ALL_HELD;
    }
    long hash = 1;
    for (int i = 0; i < frames.count(); i++) {
      long hold = frames.at(i).latch.hold();
      if (hold == 0) {
        return NOT_ALL_HELD;
      }
      hash = hash * 31 + hold;
    }
    return hash == NOT_ALL_HELD ? 1 : hash;
  }

  private int countExclusive() {
    int exclusive = 0;
    for (int i = 0; i < frames.count(); i++) {
      if (frames.at(i).latch.isExclusive()) {
        exclusive++;
      }
    }
    return exclusive;
  }

  private void pause() {
    boolean interrupted = false;
    pauseLock.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(PINNED_PAUSE_MILLIS);
      while (left > 0) {
        try {
          left = never.awaitNanos(left);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      pauseLock.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
