package dev.redoubt.wal;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.HaltGate;
import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Group force with a leader: the first who needs one leads and writes for all that have arrived;
 * when it is done it releases those that are satisfied and hands the lead to the first that is not.
 * Thread-safe; waiting is parking, from platform and virtual threads, and interrupts stay pending.
 *
 * <p>The lead is a flag, not a lock held over I/O. Every way out of a round passes it on: by {@link
 * #handOff}, or, after any Throwable, by {@link #fail}, which halts and releases everybody. So
 * whoever is parked here has a leader that will get to it.
 */
final class Forcer {
  /** Leads in any case, however far the log is durable. */
  private static final long MUST_LEAD = Long.MAX_VALUE;

  private final HaltGate gate;
  private final BatchWriter writer;
  private final Runnable durableMoved;

  private final ReentrantLock forceLatch = new ReentrantLock();

  // Guarded by forceLatch.
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
  private volatile boolean leading; // read without the latch by those who only want to know

  /**
   * @param durableMoved run after each round; must not block
   */
  Forcer(HaltGate gate, BatchWriter writer, Runnable durableMoved) {
    this.durableMoved = durableMoved;
    this.gate = gate;
    this.writer = writer;
  }

  /**
   * Returns when everything below {@code target} is durable. The target is at most the end of the
   * log as the caller saw it.
   *
   * @throws EngineHaltedException if it is not and never will be
   */
  void force(long target) {
    if (writer.durableEnd() < target && takeLead(target)) {
      try {
        writer.writeRound();
      } catch (Throwable t) {
        throw fail(t);
      }
      handOff();
    }
  }

  /** Whether a force is under way at this moment, for whomever. */
  boolean isLeading() {
    return leading;
  }

  /** Everything appended before the call is durable at return, and a watermark on disk says so. */
  void forceAndSeal() {
    if (takeLead(MUST_LEAD)) {
      try {
        writer.writeRoundAndSeal();
      } catch (Throwable t) {
        throw fail(t);
      }
      handOff();
    }
  }

  /** Returns when no leader is at work; whoever was parked before the call has been released. */
  void awaitQuiet() {
    try {
      if (takeLead(MUST_LEAD, true)) {
        handOff();
      }
    } catch (EngineHaltedException e) {
      // Released by the leader that failed: it is at work no more.
    }
  }

  private boolean takeLead(long target) {
    return takeLead(target, false);
  }

  /** True: the caller has the lead. False: the target is durable. Parks while others lead. */
  private boolean takeLead(long target, boolean evenHalted) {
    Waiter me;
    forceLatch.lock();
    try {
      if (writer.durableEnd() >= target) {
        return false;
      }
      if (!evenHalted) {
        gate.check();
      }
      if (!leading) {
        leading = true;
        return true;
      }
      me = new Waiter(target, Thread.currentThread());
      waiters.add(me);
    } finally {
      forceLatch.unlock();
    }
    return me.await(gate);
  }

  private void handOff() {
    Waiter released = null;
    Waiter next = null;
    forceLatch.lock();
    try {
      // Once around the queue, with nothing allocated: no lack of memory may keep the lead here.
      long durable = writer.durableEnd();
      for (int left = waiters.size(); left > 0; left--) {
        Waiter waiter = waiters.remove();
        if (waiter.target <= durable) {
          waiter.link = released;
          released = waiter;
        } else if (next == null) {
          next = waiter;
        } else {
          waiters.add(waiter);
        }
      }
      leading = next != null;
    } finally {
      forceLatch.unlock();
    }
    if (next != null) {
      next.resume(State.LEAD);
    }
    resumeAll(released, State.DONE);
    try {
      durableMoved.run();
    } catch (Throwable t) {
      throw gate.halt(t); // followers wait for what they were not told of
    }
  }

  /**
   * Shuts the gate first, so that nobody can take the lead in between; then releases everybody,
   * even if memory is so short that there is no exception to return.
   */
  private EngineHaltedException fail(Throwable t) {
    try {
      return gate.halt(t);
    } finally {
      releaseAll();
    }
  }

  private void releaseAll() {
    Waiter released = null;
    forceLatch.lock();
    try {
      for (Waiter waiter = waiters.poll(); waiter != null; waiter = waiters.poll()) {
        waiter.link = released;
        released = waiter;
      }
      leading = false;
    } finally {
      forceLatch.unlock();
    }
    long durable = writer.durableEnd();
    for (Waiter waiter = released; waiter != null; ) {
      Waiter following = waiter.link;
      waiter.resume(waiter.target <= durable ? State.DONE : State.HALTED);
      waiter = following;
    }
  }

  private static void resumeAll(@Nullable Waiter first, State state) {
    for (Waiter waiter = first; waiter != null; ) {
      Waiter following = waiter.link;
      waiter.resume(state);
      waiter = following;
    }
  }

  private enum State {
    WAITING,
    LEAD,
    DONE,
    HALTED
  }

  /** One parked thread. Its state is set once, by the leader that took it out of the queue. */
  private static final class Waiter {
    final long target;
    private final Thread thread;
    private volatile State state = State.WAITING;
    @Nullable Waiter link;

    Waiter(long target, Thread thread) {
      this.target = target;
      this.thread = thread;
    }

    void resume(State to) {
      state = to;
      LockSupport.unpark(thread);
    }

    boolean await(HaltGate gate) {
      boolean interrupted = false;
      try {
        while (true) {
          switch (state) {
            case WAITING -> {
              LockSupport.park(this);
              interrupted |= Thread.interrupted();
            }
            case LEAD -> {
              return true;
            }
            case DONE -> {
              return false;
            }
            case HALTED -> {
              gate.check();
              throw new AssertionError("halted, and the gate is open");
            }
          }
        }
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }
}
