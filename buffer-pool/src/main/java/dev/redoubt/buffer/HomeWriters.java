package dev.redoubt.buffer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.redoubt.io.Environment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes the writes of a batch side by side: a disk that is given one small write after the other
 * does a quarter of what it can. The caller takes part; where there are no threads it does all, in
 * order. Thread-safe in so far as one batch is written at a time.
 */
final class HomeWriters {
  /** With the caller. More gained nothing on disks that were measured. */
  private static final int WRITERS = 4;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private @Nullable Environment threads;

  @GuardedBy("lock")
  private final List<Thread> started = new ArrayList<>();

  @GuardedBy("lock")
  private List<Runnable> writes = List.of();

  /** The first write that nobody has taken. */
  @GuardedBy("lock")
  private int next;

  @GuardedBy("lock")
  private int underWay;

  @GuardedBy("lock")
  private @Nullable Throwable failure;

  @GuardedBy("lock")
  private boolean stopped;

  /** From now on other threads take part, made by {@code environment} when they are needed. */
  void useThreads(Environment environment) {
    lock.lock();
    try {
      threads = environment;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Makes these writes, in any order. At return all have been made; none is forced.
   *
   * @throws RuntimeException or an error: the first that a write threw; those after it may not have
   *     been made, and none is under way any more
   */
  void write(List<Runnable> batch) {
    if (batch.size() == 1) {
      batch.getFirst().run();
      return;
    }
    lock.lock();
    try {
      startThreads(); // first, for it can fail
      writes = batch;
      next = 0;
      changed.signalAll();
      while (next < writes.size()) {
        takeOne();
      }
      while (underWay > 0) {
        changed.awaitUninterruptibly();
      }
      Throwable thrown = failure;
      failure = null;
      writes = List.of();
      rethrow(thrown);
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void startThreads() {
    while (threads != null && !stopped && started.size() < WRITERS - 1) {
      started.add(threads.start("redoubt-page-writer-" + (started.size() + 1), this::help));
    }
  }

  /** Takes the next write, lets the lock go for it, and has it again at return. */
  @GuardedBy("lock")
  private void takeOne() {
    Runnable write = writes.get(next++);
    underWay++;
    lock.unlock();
    Throwable thrown = null;
    try {
      write.run();
    } catch (Throwable e) {
      thrown = e;
    } finally {
      lock.lock();
    }
    if (thrown != null) {
      failure = failure == null ? thrown : failure;
      next = writes.size();
    }
    if (--underWay == 0) {
      changed.signalAll();
    }
  }

  private void help() {
    lock.lock();
    try {
      while (!stopped) {
        if (next < writes.size()) {
          takeOne();
        } else {
          changed.awaitUninterruptibly();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private static void rethrow(@Nullable Throwable thrown) {
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
  }

  /** Ends the threads; no batch is under way. */
  void stop() {
    List<Thread> running;
    lock.lock();
    try {
      stopped = true;
      changed.signalAll();
      running = List.copyOf(started);
    } finally {
      lock.unlock();
    }
    running.forEach(Environment::awaitEnd);
  }
}
