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
 * @param redoDistanceBytes log that a restart now would read from the checkpoint or the smallest
 *     recLSN on, whichever is older
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
    long lastCheckpointLsn,
    long checkpoints,
    List<Long> quarantinedPages) {}
