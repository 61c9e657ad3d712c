package dev.redoubt.recovery;

import java.util.List;

/**
 * Figures of an engine at one moment; the parts are read one after the other.
 *
 * @param activeTransactions begun and not ended, prepared ones included
 * @param preparedTransactions of them, in doubt
 * @param oldestFirstLsn first record of the oldest transaction; {@code Long.MAX_VALUE} if none has
 *     any. It pins the log
 * @param oldestRecLsn smallest recLSN of any dirty page; {@code Long.MAX_VALUE} if none is dirty.
 *     It pins the log, and redo would begin here
 * @param redoDistanceBytes log that redo would read if the process died now: from the smallest
 *     recLSN in the last checkpoint's tables on
 * @param redoTargetBytes distance from the oldest recLSN to the end that the cleaner keeps to
 * @param restart what a restart now is expected to take
 * @param dirtyPages differing from disk
 * @param lastCheckpointLsn begin record of the last checkpoint
 * @param checkpoints taken since opening
 * @param quarantinedPages pages that restart could not bring up to date
 */
public record EngineStats(
    int activeTransactions,
    int preparedTransactions,
    long oldestFirstLsn,
    long oldestRecLsn,
    long redoDistanceBytes,
    long redoTargetBytes,
    RestartEstimate restart,
    int dirtyPages,
    long lastCheckpointLsn,
    long checkpoints,
    List<Long> quarantinedPages) {
  static EngineStats of(Engine engine, Checkpointer checkpointer, Pacing pacing) {
    TransactionTable transactions = engine.transactions();
    int prepared = 0;
    for (Transaction transaction : transactions.all()) {
      prepared += transaction.state() == Transaction.State.PREPARED ? 1 : 0;
    }
    RestartEstimate restart = pacing.estimate();
    return new EngineStats(
        transactions.size(),
        prepared,
        transactions.oldestFirstLsn(),
        engine.pool().oldestRecLsn(),
        restart.redoBytes(),
        engine.pool().redoTarget(),
        restart,
        engine.pool().stats().dirty(),
        checkpointer.last().beginLsn(),
        checkpointer.count(),
        engine.quarantine().pageIds());
  }
}
