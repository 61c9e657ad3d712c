package dev.redoubt.buffer;

import dev.redoubt.io.HaltGate;
import dev.redoubt.wal.Log;
import java.util.UUID;

/** What the pool needs of the log, so that its own tests can do without one. */
interface PoolLog {
  /** LSN after the last appended record (exclusive). */
  long endLsn();

  /** A record is durable if and only if this is above its LSN. */
  long durableEndLsn();

  /** Makes the record at {@code lsn} durable. */
  void force(long lsn);

  /** Whether somebody waits for a force at this moment. */
  boolean isForceAwaited();

  HaltGate gate();

  UUID storeId();

  static PoolLog of(Log log) {
    return new PoolLog() {
      @Override
      public long endLsn() {
        return log.endLsn();
      }

      @Override
      public long durableEndLsn() {
        return log.durableEndLsn();
      }

      @Override
      public void force(long lsn) {
        log.force(lsn);
      }

      @Override
      public boolean isForceAwaited() {
        return log.isForceAwaited();
      }

      @Override
      public HaltGate gate() {
        return log.gate();
      }

      @Override
      public UUID storeId() {
        return log.storeId();
      }
    };
  }
}
