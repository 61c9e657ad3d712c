package dev.redoubt.crash.harness;

/** A mistake that a {@link StoreServer} makes on purpose, to show that it is found. */
public enum ServerPlant {
  /** None. */
  NONE,
  /** Commits are acknowledged before they are durable (I-2); a kill shows it. */
  ACKNOWLEDGED_EARLY,
  /** The log is written but never forced (I-2); a power cut shows it. */
  LOG_NOT_FORCED,
  /** A transaction silent for 300 ms is rolled back, its commit acknowledged; a pause shows it. */
  SILENT_ROLLBACK,
  /** What a lost client left open is committed; lost connections show it. */
  COMMIT_OF_THE_LOST,
  /** A put that finds no room is acknowledged; a full disk shows it. */
  FULL_DISK_IGNORED,
  /** The folder is not locked; a second server shows it. */
  NOT_LOCKED
}
