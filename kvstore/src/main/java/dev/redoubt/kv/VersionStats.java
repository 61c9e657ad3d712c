package dev.redoubt.kv;

import org.jspecify.annotations.Nullable;

/**
 * What multi-version isolation keeps in memory.
 *
 * @param chains keys that have before-images
 * @param keptBytes of before-images of commits, about, kept for snapshots
 * @param activeBytes of before-images of large transactions that have not ended, about
 * @param budgetBytes limit of each of the two
 * @param snapshots in use
 * @param oldestSnapshotLsn the least point of the log that anybody reads at; how far it lies behind
 *     {@code lastCommitLsn} is what a long reader costs
 * @param lastCommitLsn the newest commit
 * @param oldestSnapshot who reads at the oldest point, and since when; null if nobody reads
 * @param snapshotsGivenUp since opening, because the budget was full
 */
public record VersionStats(
    int chains,
    long keptBytes,
    long activeBytes,
    long budgetBytes,
    int snapshots,
    long oldestSnapshotLsn,
    long lastCommitLsn,
    @Nullable SnapshotHolder oldestSnapshot,
    long snapshotsGivenUp) {}
