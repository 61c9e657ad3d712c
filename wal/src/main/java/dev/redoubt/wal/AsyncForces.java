package dev.redoubt.wal;

import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Futures of forces, completed in LSN order and outside every latch. Thread-safe. Completing one
 * runs whatever its owner hung on it, on the completing thread; only one thread completes at a
 * time.
 */
final class AsyncForces {
  private record Pending(long target, long number, CompletableFuture<Void> future)
      implements Comparable<Pending> {
    @Override
    public int compareTo(Pending other) {
      int byTarget = Long.compare(target, other.target);
      return byTarget != 0 ? byTarget : Long.compare(number, other.number);
    }
  }

  private final ReentrantLock asyncLatch = new ReentrantLock();

  // Guarded by asyncLatch.
  private final PriorityQueue<Pending> pending = new PriorityQueue<>();
  private long registered;
  private boolean completing;
  private @Nullable Throwable failure;

  private volatile long highestTarget;

  CompletableFuture<Void> register(long target) {
    CompletableFuture<Void> future = new CompletableFuture<>();
    asyncLatch.lock();
    try {
      if (failure != null) {
        return CompletableFuture.failedFuture(failure);
      }
      pending.add(new Pending(target, registered++, future));
      highestTarget = Math.max(highestTarget, target);
    } finally {
      asyncLatch.unlock();
    }
    return future;
  }

  /** Highest target ever asked for: what a background force has to reach. */
  long highestTarget() {
    return highestTarget;
  }

  /** Completes what is durable. If another thread is at it, that one does this as well. */
  void complete(BatchWriter writer) {
    if (highestTarget == 0 || !begin()) {
      return;
    }
    ArrayDeque<CompletableFuture<Void>> ready = new ArrayDeque<>();
    while (collect(writer, ready)) {
      while (!ready.isEmpty()) {
        ready.removeFirst().complete(null);
      }
    }
  }

  private boolean begin() {
    asyncLatch.lock();
    try {
      boolean mine = !completing && !pending.isEmpty();
      completing |= mine;
      return mine;
    } finally {
      asyncLatch.unlock();
    }
  }

  /** Takes what is due; if nothing is, gives the right to complete back, and returns false. */
  private boolean collect(BatchWriter writer, ArrayDeque<CompletableFuture<Void>> into) {
    asyncLatch.lock();
    try {
      // Read under the latch: whoever came by while we completed had moved it before.
      long durableEnd = writer.durableEnd();
      for (Pending first = pending.peek();
          first != null && first.target() <= durableEnd;
          first = pending.peek()) {
        pending.remove();
        into.add(first.future());
      }
      completing = !into.isEmpty();
      return completing;
    } finally {
      asyncLatch.unlock();
    }
  }

  /** Fails everything pending and everything to come. */
  void fail(Throwable why) {
    ArrayDeque<CompletableFuture<Void>> all = new ArrayDeque<>();
    asyncLatch.lock();
    try {
      failure = why;
      while (!pending.isEmpty()) {
        all.add(pending.remove().future());
      }
    } finally {
      asyncLatch.unlock();
    }
    all.forEach(future -> future.completeExceptionally(why));
  }
}
