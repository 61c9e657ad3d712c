package dev.redoubt.buffer;

import dev.redoubt.io.HaltGate;
import java.util.UUID;

/** A log that is always durable, for pools whose pages nobody needs again. */
final class NoLog implements PoolLog {
  static final UUID STORE = new UUID(1, 2);

  private final HaltGate gate = new HaltGate();

  @Override
  public long endLsn() {
    return 1L << 40;
  }

  @Override
  public long durableEndLsn() {
    return 1L << 40;
  }

  @Override
  public void force(long lsn) {}

  @Override
  public boolean isForceAwaited() {
    return false;
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
