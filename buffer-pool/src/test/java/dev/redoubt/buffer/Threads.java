package dev.redoubt.buffer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Threads of a test: started together, joined, and the first failure is the test's. */
final class Threads {
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  Thread start(Runnable body) {
    Thread thread = Thread.ofPlatform().daemon().unstarted(guarded(body));
    threads.add(thread);
    thread.start();
    return thread;
  }

  Thread startVirtual(Runnable body) {
    Thread thread = Thread.ofVirtual().unstarted(guarded(body));
    threads.add(thread);
    thread.start();
    return thread;
  }

  private Runnable guarded(Runnable body) {
    return () -> {
      try {
        body.run();
      } catch (Throwable e) {
        failure.compareAndSet(null, e);
      }
    };
  }

  boolean failed() {
    return failure.get() != null;
  }

  /** Waits until the thread sleeps, or has ended. */
  static void awaitSleep(Thread thread) {
    while (thread.getState() != Thread.State.WAITING
        && thread.getState() != Thread.State.TERMINATED) {
      Thread.onSpinWait();
    }
  }

  void join() {
    for (Thread thread : threads) {
      try {
        thread.join(300_000);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      if (thread.isAlive()) {
        AssertionError stuck = new AssertionError("thread hangs");
        stuck.setStackTrace(thread.getStackTrace());
        throw stuck;
      }
    }
    Throwable first = failure.get();
    if (first != null) {
      throw new AssertionError(first);
    }
  }
}
