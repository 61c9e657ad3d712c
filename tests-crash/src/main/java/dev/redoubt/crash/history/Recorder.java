package dev.redoubt.crash.history;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Records a history. Its order is real time: an operation that was completed before another was
 * invoked stands before it. Safe from any thread; each client has a {@link Session} of its own.
 */
public final class Recorder {
  private final ReentrantLock mutex = new ReentrantLock();
  private final Condition grown = mutex.newCondition();
  private final LongSupplier nanoTime;
  private final Consumer<Operation> sink;
  private final long started;

  @GuardedBy("mutex")
  private final List<Operation> operations = new ArrayList<>();

  @GuardedBy("mutex")
  private long processes;

  /** Records in memory. */
  public Recorder(LongSupplier nanoTime) {
    this(nanoTime, _ -> {});
  }

  /**
   * Records in memory and gives each operation to {@code sink} too, in order, one at a time.
   *
   * @param nanoTime a clock that never goes back
   */
  public Recorder(LongSupplier nanoTime, Consumer<Operation> sink) {
    this.nanoTime = nanoTime;
    this.sink = sink;
    this.started = nanoTime.getAsLong();
  }

  /** A new client. */
  public Session session() {
    return new Session(this);
  }

  /** What has been recorded so far. */
  public History history() {
    mutex.lock();
    try {
      return new History(operations);
    } finally {
      mutex.unlock();
    }
  }

  /** How many lines have been recorded so far. */
  public int size() {
    mutex.lock();
    try {
      return operations.size();
    } finally {
      mutex.unlock();
    }
  }

  /**
   * Waits until so many lines have been recorded, but not for longer than {@code nanos}.
   *
   * @throws InterruptedException if interrupted while waiting
   */
  public void awaitSize(int lines, long nanos) throws InterruptedException {
    mutex.lockInterruptibly();
    try {
      long left = nanos;
      while (operations.size() < lines && left > 0) {
        left = grown.awaitNanos(left);
      }
    } finally {
      mutex.unlock();
    }
  }

  long newProcess() {
    mutex.lock();
    try {
      return processes++;
    } finally {
      mutex.unlock();
    }
  }

  void record(
      Operation.Type type, long process, String f, List<MicroOp> value, @Nullable String error) {
    mutex.lock();
    try {
      long time = nanoTime.getAsLong() - started;
      Operation op = new Operation(operations.size(), type, process, f, value, time, error);
      operations.add(op);
      grown.signalAll();
      sink.accept(op);
    } finally {
      mutex.unlock();
    }
  }
}
