package dev.redoubt.kv;

import dev.redoubt.io.Environment;
import dev.redoubt.wal.Log;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Tells those who committed without waiting that their commit is durable, on a thread of its own
 * (store rule 19): what hangs on a commit may be slow, and must not hold up the log. The thread is
 * started by the first such commit; without background work there is none, and whoever forces the
 * log tells them. Thread-safe.
 */
final class AsyncCommits implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(AsyncCommits.class.getName());

  private final Log log;
  private final Environment environment;
  private final boolean background;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Runnable> due = new ArrayDeque<>();
  private @Nullable Thread thread;
  private boolean running;
  private boolean stopping;

  AsyncCommits(Log log, Environment environment, boolean background) {
    this.log = log;
    this.environment = environment;
    this.background = background;
  }

  /**
   * A stage of a commit that has been published.
   *
   * @param lsn of its record or, if it wrote nothing, up to where it has read
   * @return completes when that is durable, or with what {@link Log#force} throws
   */
  CompletionStage<CommitInfo> whenDurable(long lsn, CommitInfo info) {
    CompletableFuture<CommitInfo> told = new CompletableFuture<>();
    CompletableFuture<Void> forced =
        lsn < log.durableEndLsn() ? CompletableFuture.completedFuture(null) : log.forceAsync(lsn);
    CompletableFuture<Void> telling =
        forced.handle(
            (_, failure) -> {
              tell(() -> complete(told, info, failure));
              return null;
            });
    assert !telling.isCompletedExceptionally();
    return told.minimalCompletionStage();
  }

  private static void complete(
      CompletableFuture<CommitInfo> told, CommitInfo info, @Nullable Throwable failure) {
    if (failure == null) {
      told.complete(info);
    } else {
      told.completeExceptionally(failure);
    }
  }

  private void tell(Runnable telling) {
    lock.lock();
    try {
      if (background && !stopping && isRunning()) {
        due.add(telling);
        changed.signalAll();
        return;
      }
    } finally {
      lock.unlock();
    }
    telling.run();
  }

  /** Starts the thread if there is none; without one, for want of memory, the caller tells. */
  private boolean isRunning() {
    if (!running) {
      try {
        thread = environment.start("redoubt-commits", this::run);
        running = true;
      } catch (OutOfMemoryError noThread) {
        LOG.log(System.Logger.Level.WARNING, "no thread can be started to tell of commits");
      }
    }
    return running;
  }

  private void run() {
    Runnable next = take();
    while (next != null) {
      next.run();
      next = take();
    }
  }

  /** Waits for the next; null when everybody has been told and the store is closed. */
  private @Nullable Runnable take() {
    lock.lock();
    try {
      while (due.isEmpty() && !stopping) {
        changed.awaitUninterruptibly();
      }
      if (due.isEmpty()) {
        running = false;
        changed.signalAll();
      }
      return due.poll();
    } finally {
      lock.unlock();
    }
  }

  /** Returns when everybody has been told; called when the log has been closed. */
  @Override
  public void close() {
    lock.lock();
    try {
      stopping = true;
      changed.signalAll();
      while (running && thread != Thread.currentThread()) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
