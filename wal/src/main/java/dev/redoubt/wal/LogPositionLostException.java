package dev.redoubt.wal;

import dev.redoubt.io.StorageException;

/**
 * The log that a follower wants next has been recycled: there is a gap that it cannot read over.
 * The log itself is well and goes on.
 */
public final class LogPositionLostException extends StorageException {
  private static final long serialVersionUID = 1L;

  private final long fromLsn;
  private final long toLsn;

  /** What was lost, by whom, and why. */
  LogPositionLostException(String who, long fromLsn, long toLsn, String why) {
    super(
        who
            + " has lost its place: the log from LSN "
            + fromLsn
            + " to "
            + toLsn
            + " was recycled, because "
            + why
            + ". Take the follower's state afresh and follow from LSN "
            + toLsn
            + " on or later");
    this.fromLsn = fromLsn;
    this.toLsn = toLsn;
  }

  /** Where the follower stood: the first LSN that it has not seen. */
  public long fromLsn() {
    return fromLsn;
  }

  /** Where the log starts now; everything from {@link #fromLsn} to here is gone. */
  public long toLsn() {
    return toLsn;
  }

  @Override
  public String code() {
    return "position-lost";
  }
}
