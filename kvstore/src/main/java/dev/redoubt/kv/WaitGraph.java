package dev.redoubt.kv;

import dev.redoubt.io.HaltGate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

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
    /** Another wait closed a cycle, and this one was chosen to resolve it. */
    CHOSEN,
    /** The longest wait is over. */
    TIMED_OUT
  }

  /** Guards every transaction's {@code waiting}, and what follows. */
  private final ReentrantLock waitLock = new ReentrantLock();

  /** For which transaction a thread waits. */
  private final Map<Thread, WriteTransaction> waitingIn = new HashMap<>();

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
   * @param stillOwned asked when the owner can no more end unnoticed
   * @throws ClosedException if the store is being closed
   */
  Outcome await(WriteTransaction waiter, WriteTransaction owner, BooleanSupplier stillOwned) {
    waitLock.lock();
    try {
      checkOpen();
      owner.waiting.contended = true; // before the look: who ends looks the other way round
      if (owner.waiting.ended || !stillOwned.getAsBoolean()) {
        return Outcome.OVER; // the owner ended meanwhile, and will not wake us
      }
      Outcome outcome = park(waiter, owner);
      if (outcome != Outcome.OVER) {
        waiter.waiting.lostAgainst = owner;
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
      if (loser.waiting.lostAgainst == null) {
        loser.waiting.lostAgainst = conflict.winner;
      } else {
        conflict.winner = loser.waiting.lostAgainst;
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
      WriteTransaction winner = loser.waiting.lostAgainst;
      if (!loser.waiting.ended) {
        return false; // it could not be rolled back, and would lose against itself
      }
      return closing
          || winner == null
          || winner.waiting.ended
          || park(loser, winner) == Outcome.OVER;
    } finally {
      waitLock.unlock();
    }
  }

  /** Has those who wait for a transaction that has ended look again. */
  void ended(WriteTransaction transaction) {
    transaction.waiting.ended = true;
    if (!transaction.waiting.contended) {
      return;
    }
    waitLock.lock();
    try {
      for (WriteTransaction waiter : transaction.waiting.waiters()) {
        waiter.waiting.waitsFor = null;
        waiter.waiting.changed(waitLock).signalAll();
      }
      transaction.waiting.forgetWaiters();
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
    victim.waiting.refused = true;
    victim.waiting.changed(waitLock).signalAll();
  }

  private Outcome park(WriteTransaction waiter, WriteTransaction owner) {
    Thread thread = Thread.currentThread();
    waiter.waiting.refused = false;
    waitingIn.put(thread, waiter);
    try {
      WriteTransaction victim = youngestOfCycle(waiter, owner);
      if (victim == waiter) {
        return Outcome.DEADLOCK;
      }
      waiter.waiting.waitsFor = owner;
      owner.waiting.addWaiter(waiter);
      if (victim != null) {
        refuse(victim);
      }
      Outcome outcome = untilWoken(waiter);
      if (outcome != Outcome.OVER) {
        owner.waiting.removeWaiter(waiter);
        waiter.waiting.waitsFor = null;
      }
      return outcome;
    } finally {
      waitingIn.remove(thread);
    }
  }

  private Outcome untilWoken(WriteTransaction waiter) {
    long left = longestWait.toNanos();
    boolean interrupted = false;
    try {
      while (waiter.waiting.waitsFor != null) {
        if (waiter.waiting.refused) {
          return Outcome.CHOSEN;
        }
        if (left <= 0) {
          return Outcome.TIMED_OUT;
        }
        try {
          left = waiter.waiting.changed(waitLock).awaitNanos(left);
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

  /**
   * The youngest that waits in the cycle that this wait would close; null if it closes none. One
   * that has been refused and has not woken yet waits no more: the cycle it stood in is cut there.
   */
  private @Nullable WriteTransaction youngestOfCycle(
      WriteTransaction waiter, WriteTransaction owner) {
    List<WriteTransaction> waiting = new ArrayList<>();
    waiting.add(waiter);
    WriteTransaction each = owner;
    while (each != null) {
      if (each == waiter) {
        return waiting.stream()
            .max(Comparator.comparingLong(WriteTransaction::birth))
            .orElseThrow();
      }
      WriteTransaction next = each.waiting.waitsFor;
      if (next == null) {
        Thread closure = each.closureThread;
        next = closure == null ? null : waitingIn.get(closure);
        if (next == each) {
          return null; // it has been woken and waits no more
        }
      } else if (each.waiting.refused) {
        return null;
      } else {
        waiting.add(each);
      }
      each = next;
    }
    return null;
  }
}
