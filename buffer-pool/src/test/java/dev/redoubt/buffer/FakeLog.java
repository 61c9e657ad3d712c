package dev.redoubt.buffer;

import dev.redoubt.io.HaltGate;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** A log that only counts. */
final class FakeLog implements PoolLog {
  static final UUID STORE = new UUID(0x0123456789abcdefL, 0x1122334455667788L);

  private final HaltGate gate = new HaltGate();
  private final AtomicLong end = new AtomicLong(4096);
  private final AtomicLong durableEnd = new AtomicLong(4096);
  volatile boolean forceDoesNothing;
  volatile boolean forceAwaited;
  volatile Runnable onForce = () -> {};

  /** Runs when the end has been read and is not known to the caller yet. */
  volatile Runnable onEndRead = () -> {};

  /** Appends a record of 100 bytes; returns its LSN. */
  long append() {
    return end.getAndAdd(100);
  }

  void setEnd(long lsn) {
    end.set(lsn);
  }

  @Override
  public long endLsn() {
    long read = end.get();
    onEndRead.run();
    return read;
  }

  @Override
  public long durableEndLsn() {
    return durableEnd.get();
  }

  @Override
  public void force(long lsn) {
    gate.check();
    onForce.run();
    if (!forceDoesNothing) {
      long target = end.get();
      durableEnd.accumulateAndGet(target, Math::max);
    }
  }

  @Override
  public boolean isForceAwaited() {
    return forceAwaited;
  }

  @Override
  public HaltGate gate() {
    return gate;
  }

  @Override
  public UUID storeId() {
    return STORE;
  }
}
