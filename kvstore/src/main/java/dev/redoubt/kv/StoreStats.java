package dev.redoubt.kv;

import dev.redoubt.buffer.BufferPoolStats;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.EngineStats;
import dev.redoubt.recovery.LogPin;
import dev.redoubt.recovery.RestartEstimate;
import dev.redoubt.wal.LogStats;
import java.util.List;

/**
 * Figures of a store at one moment.
 *
 * @param pageSize bytes of a page
 * @param allocatedPages pages in use
 * @param capacityPages pages the file has room for
 * @param activeTransactions begun and not ended
 * @param lastCheckpointLsn where restart would begin analysis
 * @param redoDistanceBytes log that restart would redo if the process died now
 * @param redoTargetBytes log from the oldest change not yet written home that cleaning keeps to, so
 *     that the restart time wanted is held
 * @param restart what a restart now is expected to take, from what restarts here have measured
 * @param restartLeft what the restart of this opening has still to do
 * @param log figures of the log
 * @param pool figures of the buffer pool
 * @param versions what isolation keeps in memory
 * @param logPins what keeps the log from being recycled, the one that bounds truncation now first
 * @param trees names of the trees
 */
public record StoreStats(
    int pageSize,
    long allocatedPages,
    long capacityPages,
    int activeTransactions,
    long lastCheckpointLsn,
    long redoDistanceBytes,
    long redoTargetBytes,
    RestartEstimate restart,
    RestartLeft restartLeft,
    LogStats log,
    BufferPoolStats pool,
    VersionStats versions,
    List<LogPin> logPins,
    List<String> trees) {
  static StoreStats of(
      Engine engine, int activeTransactions, VersionStats versions, List<String> trees) {
    EngineStats figures = engine.stats();
    return new StoreStats(
        engine.pool().pageSize(),
        engine.space().allocatedPages(),
        engine.pool().store().capacityPages(),
        activeTransactions,
        engine.log().master().checkpointLsn(),
        figures.redoDistanceBytes(),
        figures.redoTargetBytes(),
        figures.restart(),
        RestartLeft.of(engine.restart()),
        engine.log().stats(),
        engine.pool().stats(),
        versions,
        engine.logPins(),
        trees);
  }
}
