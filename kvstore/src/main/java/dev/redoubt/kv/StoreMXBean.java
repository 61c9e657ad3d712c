package dev.redoubt.kv;

/**
 * What a management tool sees of an open store; {@link StoreManagement} registers it. Attributes
 * are figures of the moment; of a closed store all but the health throw {@link ClosedException}.
 */
public interface StoreMXBean {
  /** Name of {@link StoreHealth#state}. */
  String getHealth();

  /** Why the store failed, or an empty text. */
  String getFailure();

  /** Read-write transactions that have begun and not ended. */
  int getActiveTransactions();

  /** Snapshots in use. */
  int getSnapshots();

  /** Age of the oldest snapshot in milliseconds; 0 if there is none. */
  long getOldestSnapshotMillis();

  /** The thread that took the oldest snapshot, or an empty text. */
  String getOldestSnapshotThread();

  /** Memory of the before-images that snapshots keep, in bytes. */
  long getVersionBytes();

  /** Most that they may take, in bytes. */
  long getVersionBudgetBytes();

  /** Snapshots that have been given up since opening, because that was full. */
  long getSnapshotsGivenUp();

  /** Pages in use. */
  long getAllocatedPages();

  /** Pages that the file has room for. */
  long getCapacityPages();

  /** Bytes of a page. */
  int getPageBytes();

  /** End of the log, an LSN. */
  long getLogEndLsn();

  /** Log that a restart now would redo, in bytes. */
  long getRedoDistanceBytes();

  /** What a restart now is expected to take, in milliseconds. */
  long getEstimatedRestartMillis();

  /** What keeps the log from being recycled, the one that bounds it first in front. */
  String[] getLogPins();

  /** Takes a checkpoint; returns its begin LSN. */
  long checkpoint();
}
