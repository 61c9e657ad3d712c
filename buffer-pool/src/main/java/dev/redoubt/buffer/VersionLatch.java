package dev.redoubt.buffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The latch of one frame: optimistic, shared and exclusive access to the page that is in it.
 * Thread-safe; not reentrant in any mode; may be released by another thread than took it.
 *
 * <h2>State</h2>
 *
 * <pre>
 *   63                         23 22            3  2  1  0
 *  +-----------------------------+---------------+--+--+--+
 *  | version                     | shared count  |P |W |X |
 *  +-----------------------------+---------------+--+--+--+
 *   X  held exclusively      W  somebody sleeps      P  a writer sleeps: no new readers
 * </pre>
 *
 * <p>The version grows by one whenever an exclusive hold ends. An optimistic reader takes the
 * version while X is clear, reads, and compares: same version and X clear means that nobody wrote
 * in between.
 *
 * <h2>Tag</h2>
 *
 * <p>A frame changes its page. Who wants page A must not sleep on a frame that holds page Q by now:
 * the holder of Q may in turn wait for a latch that the sleeper holds, and latch order is an order
 * of pages, not of frames. So the latch carries the id of its page, every acquisition names the
 * page it wants, {@link #retag} wakes all sleepers, and they give up.
 *
 * <h2>Progress</h2>
 *
 * <p>P keeps new readers out until the sleeping writer has had its turn; the end of an exclusive
 * hold clears P and wakes everybody, so that readers have theirs. Spinning is bounded.
 */
final class VersionLatch {
  /** No optimistic access now: somebody holds the latch exclusively. */
  static final long NO_STAMP = -1;

  private static final long EXCLUSIVE = 1;
  private static final long WAITERS = 1L << 1;
  private static final long WRITER_WAITING = 1L << 2;
  private static final long SHARED_ONE = 1L << 3;
  private static final long SHARED_MASK = ((1L << 20) - 1) << 3;
  private static final long VERSION_ONE = 1L << 23;
  private static final long VERSION_MASK = -VERSION_ONE;
  private static final long STAMP_MASK = VERSION_MASK | EXCLUSIVE;

  /** A hold lasts about a microsecond; longer than this it pays to sleep. */
  private static final int SPINS = 32;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(VersionLatch.class, "state", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final LatchQueue queue;
  private volatile long state;
  private volatile long tag;

  VersionLatch(LatchQueue queue) {
    this.queue = queue;
  }

  /** Id of the page in the frame; 0 if it is empty. Stable while the latch is held. */
  long tag() {
    return tag;
  }

  /** Changes the page; the caller holds the latch exclusively. Sleepers wake and give up. */
  void retag(long newTag) {
    tag = newTag;
    if ((state & WAITERS) != 0) {
      wake(WAITERS | WRITER_WAITING);
    }
  }

  /** Takes the latch shared. False, and nothing held, if the frame holds another page. */
  boolean shared(long wanted) {
    long s = state;
    if ((s & (EXCLUSIVE | WRITER_WAITING)) == 0
        && (s & SHARED_MASK) != SHARED_MASK
        && STATE.compareAndSet(this, s, s + SHARED_ONE)) {
      return confirmShared(wanted);
    }
    return sharedSlowly(wanted);
  }

  /** Takes the latch shared unless it is held exclusively; never sleeps. */
  boolean tryShared(long wanted) {
    for (; ; ) {
      long s = state;
      if ((s & EXCLUSIVE) != 0 || (s & SHARED_MASK) == SHARED_MASK || tag != wanted) {
        return false;
      }
      if (STATE.compareAndSet(this, s, s + SHARED_ONE)) {
        return confirmShared(wanted);
      }
    }
  }

  /** Takes the latch exclusively. False, and nothing held, if the frame holds another page. */
  boolean exclusive(long wanted) {
    return tryTakeExclusive() ? confirmExclusive(wanted) : exclusiveSlowly(wanted);
  }

  /** Takes the latch exclusively if nobody holds it; never sleeps. */
  boolean tryExclusive(long wanted) {
    return tag == wanted && tryTakeExclusive() && confirmExclusive(wanted);
  }

  /** From optimistic to exclusive: only if nobody wrote since the stamp and nobody holds it. */
  boolean tryExclusiveAt(long stamp) {
    long s = state;
    if ((s & STAMP_MASK) != stamp || (s & SHARED_MASK) != 0) {
      return false;
    }
    return takeExclusiveFrom(s);
  }

  /** A stamp for {@link #validate}; {@link #NO_STAMP} while the latch is held exclusively. */
  long optimistic() {
    long s = state;
    return (s & EXCLUSIVE) == 0 ? s & VERSION_MASK : NO_STAMP;
  }

  /** Whether nobody has held the latch exclusively since the stamp was taken. */
  boolean validate(long stamp) {
    // The reads of the page must be done before the version is read again.
    VarHandle.acquireFence();
    return (state & STAMP_MASK) == stamp;
  }

  void releaseShared() {
    long old = (long) STATE.getAndAdd(this, -SHARED_ONE);
    if ((old & (SHARED_MASK | WAITERS)) == (SHARED_ONE | WAITERS)) {
      wake(WAITERS); // the sleeping writer keeps its turn
    }
  }

  void releaseExclusive() {
    long old = (long) STATE.getAndAdd(this, VERSION_ONE - EXCLUSIVE);
    if ((old & WAITERS) != 0) {
      wake(WAITERS | WRITER_WAITING);
    }
  }

  /** From exclusive to shared, without a gap. */
  void downgrade() {
    long old = (long) STATE.getAndAdd(this, VERSION_ONE - EXCLUSIVE + SHARED_ONE);
    if ((old & WAITERS) != 0) {
      wake(WAITERS | WRITER_WAITING);
    }
  }

  boolean isExclusive() {
    return (state & EXCLUSIVE) != 0;
  }

  /** Whether anybody holds the latch, in shared or exclusive mode. */
  boolean isHeld() {
    return (state & (EXCLUSIVE | SHARED_MASK)) != 0;
  }

  /**
   * Who holds the latch, as a number that changes when an exclusive hold ends or the number of
   * shared holders does; 0 if nobody does.
   */
  long hold() {
    long s = state;
    return (s & (EXCLUSIVE | SHARED_MASK)) == 0 ? 0 : s & ~(WAITERS | WRITER_WAITING);
  }

  private boolean confirmShared(long wanted) {
    if (tag == wanted) {
      return true;
    }
    releaseShared();
    return false;
  }

  private boolean confirmExclusive(long wanted) {
    if (tag == wanted) {
      return true;
    }
    releaseExclusive();
    return false;
  }

  private boolean tryTakeExclusive() {
    long s = state;
    return (s & (EXCLUSIVE | SHARED_MASK)) == 0 && takeExclusiveFrom(s);
  }

  private boolean takeExclusiveFrom(long s) {
    if (!STATE.compareAndSet(this, s, (s | EXCLUSIVE) & ~WRITER_WAITING)) {
      return false;
    }
    // X must be visible before the first byte written under it.
    VarHandle.storeStoreFence();
    return true;
  }

  private boolean sharedSlowly(long wanted) {
    for (int spin = 0; spin < SPINS; spin++) {
      long s = state;
      if ((s & (EXCLUSIVE | WRITER_WAITING)) == 0
          && (s & SHARED_MASK) != SHARED_MASK
          && STATE.compareAndSet(this, s, s + SHARED_ONE)) {
        return confirmShared(wanted);
      }
      Thread.onSpinWait();
    }
    return queue.sleepUntil(this, wanted, false);
  }

  private boolean exclusiveSlowly(long wanted) {
    for (int spin = 0; spin < SPINS; spin++) {
      if (tryTakeExclusive()) {
        return confirmExclusive(wanted);
      }
      Thread.onSpinWait();
    }
    return queue.sleepUntil(this, wanted, true);
  }

  /** One attempt of a sleeper, under the queue's lock. */
  LatchQueue.Attempt attempt(long wanted, boolean exclusive) {
    long s = state;
    long blockers = exclusive ? EXCLUSIVE | SHARED_MASK : EXCLUSIVE | WRITER_WAITING;
    boolean full = !exclusive && (s & SHARED_MASK) == SHARED_MASK;
    if ((s & blockers) == 0 && !full) {
      boolean taken =
          exclusive ? takeExclusiveFrom(s) : STATE.compareAndSet(this, s, s + SHARED_ONE);
      return taken ? LatchQueue.Attempt.TAKEN : LatchQueue.Attempt.AGAIN;
    }
    long marked = s | WAITERS | (exclusive ? WRITER_WAITING : 0);
    if (marked != s && !STATE.compareAndSet(this, s, marked)) {
      return LatchQueue.Attempt.AGAIN;
    }
    // W stands before the tag is read, retag writes the tag before it reads W: one sees the other.
    return tag == wanted ? LatchQueue.Attempt.SLEEP : LatchQueue.Attempt.GONE;
  }

  /** What a sleeper does with a latch it has just been given. */
  boolean confirm(long wanted, boolean exclusive) {
    return exclusive ? confirmExclusive(wanted) : confirmShared(wanted);
  }

  /** A sleeper gives up: nobody may go on waiting for its turn. Under the queue's lock. */
  void clearMarks(long marks) {
    STATE.getAndBitwiseAnd(this, ~marks);
  }

  void clearAllMarks() {
    clearMarks(WAITERS | WRITER_WAITING);
  }

  private void wake(long marks) {
    queue.wakeAll(this, marks);
  }
}
