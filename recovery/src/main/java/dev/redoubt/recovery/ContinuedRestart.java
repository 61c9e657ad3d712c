package dev.redoubt.recovery;

import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.Environment;
import dev.redoubt.io.HaltGate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Restart behind an open engine: its parts one after the other, each to its end, then what ends it
 * all. By a thread of its own, or by explicit steps where there are no background threads.
 * Thread-safe.
 */
final class ContinuedRestart implements OngoingRestart {
  private static final long RETRY_NANOS = 100_000_000;

  private final Engine engine;
  private final HaltGate gate;
  private final List<RestartWork> works;
  private final Runnable atEnd;

  // Held over a step, by the one who does it; taken before any latch.
  private final ReentrantLock stepLatch = new ReentrantLock();

  private final ReentrantLock stateLatch = new ReentrantLock();
  private final Condition changed = stateLatch.newCondition();
  private int current; // guarded by stepLatch
  private final List<Runnable> afterwards = new ArrayList<>(); // guarded by stepLatch
  private volatile boolean over;
  private volatile boolean stopped;
  private volatile @Nullable Thread thread;

  /**
   * @param works in the order in which they are done
   * @param atEnd done once behind them: the checkpoint, the report
   */
  ContinuedRestart(Engine engine, List<RestartWork> works, Runnable atEnd) {
    this.engine = engine;
    this.gate = engine.log().gate();
    this.works = List.copyOf(works);
    this.atEnd = atEnd;
  }

  /** From now on a thread goes on with it. */
  void start() {
    thread = engine.environment().start("redoubt-restart", this::run);
  }

  private void run() {
    try {
      while (!stopped && !gate.isHalted() && !over) {
        try {
          step();
        } catch (DiskFullException full) {
          pause(); // Nothing was changed; the next step tries again.
        }
      }
    } catch (Throwable failure) {
      gate.halt(failure);
    } finally {
      tell();
    }
  }

  /** Does one bounded step, if anything is left. */
  void step() {
    stepLatch.lock();
    try {
      if (over || stopped) {
        return;
      }
      if (current < works.size()) {
        if (!works.get(current).step()) {
          works.get(current).close();
          current++;
        }
      } else {
        atEnd.run();
        afterwards.forEach(Runnable::run);
        afterwards.clear();
        over = true;
        tell();
      }
    } finally {
      stepLatch.unlock();
    }
  }

  /** At return no step is under way, nor will be. */
  void stop() {
    stopped = true;
    tell();
    Thread running = thread;
    if (running != null) {
      Environment.awaitEnd(running);
    }
    stepLatch.lock(); // a step of somebody else's is over then
    try {
      works.subList(Math.min(current, works.size()), works.size()).forEach(RestartWork::close);
      current = works.size();
    } finally {
      stepLatch.unlock();
    }
  }

  private void tell() {
    stateLatch.lock();
    try {
      changed.signalAll();
    } finally {
      stateLatch.unlock();
    }
  }

  private void pause() {
    stateLatch.lock();
    try {
      long left = RETRY_NANOS;
      while (!stopped && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException ignored) {
      // Nobody has business interrupting this thread; its own flag stops it.
    } finally {
      stateLatch.unlock();
    }
  }

  @Override
  public void await() {
    while (!over) {
      gate.check();
      if (stopped) {
        throw new IllegalStateException("the engine is closed");
      }
      if (engine.isBackground()) {
        awaitChange();
      } else {
        step();
      }
    }
  }

  private void awaitChange() {
    stateLatch.lock();
    try {
      while (!over && !stopped && !gate.isHalted()) {
        changed.awaitUninterruptibly();
      }
    } finally {
      stateLatch.unlock();
    }
  }

  @Override
  public boolean isOver() {
    return over;
  }

  @Override
  public long pagesOwed() {
    return works.stream().mapToLong(RestartWork::pagesOwed).sum();
  }

  @Override
  public long redoBytesLeft() {
    return works.stream().mapToLong(RestartWork::redoBytesLeft).sum();
  }

  @Override
  public int losersLeft() {
    return works.stream().mapToInt(RestartWork::losersLeft).sum();
  }

  @Override
  public long updatesLeft() {
    return works.stream().mapToLong(RestartWork::updatesLeft).sum();
  }

  @Override
  public void first(long transactionId) {
    works.forEach(work -> work.first(transactionId));
  }

  @Override
  public boolean help(long transactionId) {
    boolean possible = true;
    for (RestartWork work : works) {
      possible &= work.help(transactionId);
    }
    return possible;
  }

  @Override
  public void counted(long transactionId, long updates) {
    works.forEach(work -> work.counted(transactionId, updates));
  }

  @Override
  public void whenOver(Runnable action) {
    stepLatch.lock();
    try {
      if (!over) {
        afterwards.add(action);
        return;
      }
    } finally {
      stepLatch.unlock();
    }
    action.run();
  }
}
