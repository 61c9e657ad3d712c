package dev.redoubt.kv;

import java.time.Duration;

/**
 * Who reads at the oldest point that versions are kept for, and so what an old snapshot costs:
 * {@link VersionStats#keptBytes}, and all commits since.
 *
 * @param lsn commits up to there are seen
 * @param age since the snapshot was taken, or moved on by its first locking read at most
 * @param thread that took it, by name and kind; a read-only transaction may be read by others
 * @param readOnly whether it belongs to a read-only transaction
 */
public record SnapshotHolder(long lsn, Duration age, String thread, boolean readOnly) {}
