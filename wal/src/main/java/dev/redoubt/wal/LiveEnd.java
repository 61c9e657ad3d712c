package dev.redoubt.wal;

import dev.redoubt.io.Environment;
import dev.redoubt.io.HaltGate;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The moving end of a log that this process has open, and the threads that wait for it.
 * Thread-safe.
 *
 * <p>No wake-up is missed: a waiter is counted first and looks at the end afterwards; whoever moves
 * the end moves it first and looks at the count afterwards. So one of the two sees the other.
 */
final class LiveEnd implements LogEnd {
  private final Environment environment;
  private final HaltGate gate;
  private final Holders holders;
  private final LongSupplier durableEnd;

  private final ReentrantLock waitersLatch = new ReentrantLock();

  /** Guarded by waitersLatch. */
  private final Set<Thread> waiters = new HashSet<>();

  private volatile int waiting;
  private volatile boolean closed;

  LiveEnd(Environment environment, HaltGate gate, Holders holders, LongSupplier durableEnd) {
    this.environment = environment;
    this.gate = gate;
    this.holders = holders;
    this.durableEnd = durableEnd;
    gate.whenHalted(this::wake);
  }

  @Override
  public long durableEnd() {
    return durableEnd.getAsLong();
  }

  @Override
  public long startLsn() {
    return holders.startLsn();
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public long nanoTime() {
    return environment.nanoTime();
  }

  @Override
  public void checkAlive() {
    gate.check();
  }

  /** Wakes everybody: the end has moved, or will not move any more. Cheap if nobody waits. */
  void wake() {
    if (waiting == 0) {
      return;
    }
    waitersLatch.lock();
    try {
      waiters.forEach(LockSupport::unpark);
    } finally {
      waitersLatch.unlock();
    }
  }

  @Override
  public void await(long seen, long nanos) throws InterruptedException {
    long start = environment.nanoTime();
    count(true);
    try {
      while (durableEnd() <= seen && !closed && !gate.isHalted()) {
        if (Thread.interrupted()) {
          throw new InterruptedException("interrupted while waiting for the log to go on");
        }
        long left = nanos - (environment.nanoTime() - start);
        if (left <= 0) {
          return;
        }
        LockSupport.parkNanos(this, left);
      }
    } finally {
      count(false);
    }
  }

  private void count(boolean in) {
    waitersLatch.lock();
    try {
      if (in) {
        waiters.add(Thread.currentThread());
      } else {
        waiters.remove(Thread.currentThread());
      }
      waiting = waiters.size();
    } finally {
      waitersLatch.unlock();
    }
  }

  /** The log is closed: whoever waits is told. */
  @Override
  public void close() {
    closed = true;
    wake();
  }
}
