package dev.redoubt.crash.harness;

/** What is done to a server while clients talk to it. */
public enum Disturbance {
  /** SIGKILL, and started again. */
  KILL,
  /** SIGKILL, started again, and SIGKILL once more before or soon after it listens. */
  KILL_IN_RESTART,
  /** Stopped for longer than clients wait, then let go on. */
  PAUSE,
  /** Every connection is closed under its client, in the middle of a transaction. */
  CLIENTS_LOST,
  /** A second server on the same folder: it must be refused. */
  SECOND_SERVER,
  /** The file system is filled up, then given room again. */
  DISK_FULL,
  /** SIGKILL while the file system is full; started again at once and when there is room. */
  KILL_ON_FULL_DISK,
  /** SIGKILL, and what was not forced is gone from the disk. */
  POWER_CUT,
  /** No packet passes between clients and server for longer than clients wait. */
  NETWORK_CUT,
  /** The server takes memory until the kernel kills it for its limit. */
  OUT_OF_MEMORY
}
