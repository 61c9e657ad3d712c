package dev.redoubt.kv;

import dev.redoubt.io.HaltGate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Who waits for whom. A transaction waits for the owner of a key; a transaction whose closure runs
 * in a thread waits, too, for the one that this thread is waiting for. A wait that would close a
 * cycle is noticed before it begins, and the youngest that waits in the cycle is refused (store
 * rule 11). Thread-safe; nobody calls it with a latch held.
 */
final class WaitGraph {
  /** How a wait ended. */
  enum Outcome {
    /** The owner has ended, or nothing was to be waited for: look again. */
    OVER,
    /** It would have closed a cycle, in which this transaction is the youngest that waits. */
    DEADLOCK,
    /** The same, and work of one of the owners runs in this very thread, around the call. */
    OWN_THREAD,
    /** Another wait closed a cycle, and this one was chosen to resolve it. */
    CHOSEN,
    /** The longest wait is over. */
    TIMED_OUT
  }

  /** Guards every transaction's {@code waiting}, and what follows. */
  private final ReentrantLock waitLock = new ReentrantLock();

  /** For which transaction a thread waits. */
  private final Map<Thread, WriteTransaction> waitingIn = new HashMap<>();

  private final WaitCycles cycles = new WaitCycles(waitingIn);

  private final Duration longestWait;
  private final HaltGate gate;
  private boolean closing;

  WaitGraph(Duration longestWait, HaltGate gate) {
    this.longestWait = longestWait;
    this.gate = gate;
  }

  /** How long a wait may take. */
  Duration longestWait() {
    return longestWait;
  }

  /**
   * Waits for the owner of a key to end; on any other outcome but that remembers who won.
   *
   * @param others who else must end before the waiter can go on; asked under the graph's lock
   * @param stillOwned asked when the owner can no more end unnoticed
   * @throws ClosedException if the store is being closed
   */
  Outcome await(
      WriteTransaction waiter,
      WriteTransaction owner,
      Supplier<List<WriteTransaction>> others,
      BooleanSupplier stillOwned) {
    waitLock.lock();
    try {
      checkOpen();
      owner.waiting().contended = true; // before the look: who ends looks the other way round
      if (owner.ended || !stillOwned.getAsBoolean()) {
        return Outcome.OVER; // the owner ended meanwhile, and will not wake us
      }
      Outcome outcome = park(waiter, owner, others);
      if (outcome != Outcome.OVER) {
        waiter.waiting().lostAgainst = owner;
        checkOpen();
      }
      return outcome;
    } finally {
      waitLock.unlock();
    }
  }

  /**
   * Lets a conflict tell whom it was lost against: a transaction around the one that lost, which
   * the conflict ends too, waits for the same winner. <em>Else it runs again at once, takes its
   * keys back before the winner gets them, and so on until its attempts are used up.</em>
   */
  void lostAgainst(WriteTransaction loser, ConflictException conflict) {
    waitLock.lock();
    try {
      if (loser.waiting().lostAgainst == null) {
        loser.waiting().lostAgainst = conflict.winner;
      } else {
        conflict.winner = loser.waiting().lostAgainst;
      }
    } finally {
      waitLock.unlock();
    }
  }

  /**
   * Waits until the transaction has ended that {@code loser} lost against, so that running its work
   * again has a chance. The loser itself has been rolled back and holds nothing.
   *
   * @return whether another attempt makes sense: not while a transaction around this one holds what
   *     the winner waits for, nor if the winner takes longer than the longest wait
   */
  boolean awaitWinner(WriteTransaction loser) {
    waitLock.lock();
    try {
      WriteTransaction winner = loser.waiting().lostAgainst;
      if (!loser.ended) {
        return false; // it could not be rolled back, and would lose against itself
      }
      return closing
          || winner == null
          || winner.ended
          || park(loser, winner, List::of) == Outcome.OVER;
    } finally {
      waitLock.unlock();
    }
  }

  /** Has those who wait for a transaction that has ended look again. */
  void ended(WriteTransaction transaction) {
    transaction.ended = true;
    Waiting waiting = transaction.waitingIfAny();
    if (waiting == null || !waiting.contended) {
      return;
    }
    waitLock.lock();
    try {
      for (WriteTransaction waiter : waiting.waiters()) {
        waiter.waiting().end();
        waiter.waiting().changed(waitLock).signalAll();
      }
      waiting.forgetWaiters();
    } finally {
      waitLock.unlock();
    }
  }

  /** The store is closing: nobody waits any more, and those who do are refused. */
  void close() {
    waitLock.lock();
    try {
      closing = true;
      waitingIn.values().forEach(this::refuse);
    } finally {
      waitLock.unlock();
    }
  }

  /**
   * For those who wait for no transaction of the graph, and so close no cycle.
   *
   * @throws ClosedException if the store is being closed
   */
  void checkMayWait() {
    waitLock.lock();
    try {
      checkOpen();
    } finally {
      waitLock.unlock();
    }
  }

  private void checkOpen() {
    gate.check();
    if (closing) {
      throw new ClosedException("the store is being closed; nobody waits for a key any more");
    }
  }

  private void refuse(WriteTransaction victim) {
    victim.waiting().refused = true;
    victim.waiting().changed(waitLock).signalAll();
  }

  private Outcome park(
      WriteTransaction waiter, WriteTransaction owner, Supplier<List<WriteTransaction>> others) {
    Thread thread = Thread.currentThread();
    waiter.waiting().refused = false;
    waitingIn.put(thread, waiter);
    waiter.waiting().begin(owner, others);
    try {
      Set<WriteTransaction> victims = cycles.victims(waiter);
      if (victims.contains(waiter)) {
        boolean own =
            waiter.waiting().edges().stream().anyMatch(each -> each.closureThread() == thread);
        return own ? Outcome.OWN_THREAD : Outcome.DEADLOCK;
      }
      owner.waiting().addWaiter(waiter);
      victims.forEach(this::refuse);
      return untilWoken(waiter);
    } finally {
      if (waiter.waiting().waitsFor != null) {
        owner.waiting().removeWaiter(waiter);
        waiter.waiting().end();
      }
      waitingIn.remove(thread);
    }
  }

  private Outcome untilWoken(WriteTransaction waiter) {
    long left = longestWait.toNanos();
    boolean interrupted = false;
    try {
      while (waiter.waiting().waitsFor != null) {
        if (waiter.waiting().refused) {
          return Outcome.CHOSEN;
        }
        if (left <= 0) {
          return Outcome.TIMED_OUT;
        }
        try {
          left = waiter.waiting().changed(waitLock).awaitNanos(left);
        } catch (InterruptedException e) {
          interrupted = true; // a wait for a key is uninterruptible; the interrupt stays pending
        }
      }
      return Outcome.OVER;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
