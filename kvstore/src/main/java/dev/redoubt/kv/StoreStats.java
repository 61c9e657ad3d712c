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
 * @param pageStore the kind of page store, as it calls itself
 * @param allocatedPages pages in use
 * @param capacityPages pages the file has room for
 * @param freedPages pages given back since the store was opened, to be used again
 * @param cleaning ghosts, chains and trees that wait to be cleared up
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
    String pageStore,
    long allocatedPages,
    long capacityPages,
    long freedPages,
    int cleaning,
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
  static StoreStats of(Engine engine, int activeTransactions, StoreParts parts, String pageStore) {
    EngineStats figures = engine.stats();
    return new StoreStats(
        engine.pool().pageSize(),
        pageStore,
        engine.space().allocatedPages(),
        engine.pool().store().capacityPages(),
        engine.space().freedPages(),
        parts.housekeeper().size(),
        activeTransactions,
        engine.log().master().checkpointLsn(),
        figures.redoDistanceBytes(),
        figures.redoTargetBytes(),
        figures.restart(),
        RestartLeft.of(engine.restart()),
        engine.log().stats(),
        engine.pool().stats(),
        parts.versions().stats(),
        engine.logPins(),
        parts.catalog().names());
  }

  /** Pages of the file that are not in use: growth takes them first. */
  public long freePages() {
    return capacityPages - allocatedPages;
  }
}
