package dev.redoubt.wal;

/**
 * A follower's place in a log, kept under a name in the log's directory: it outlives restarts, and
 * from the next opening on nothing is truncated above it before it is known. It holds the log from
 * its confirmed LSN on, but no more than its bound: a follower that lags further loses its place.
 * Thread-safe.
 */
public interface LogSlot {
  /** What has become of a slot. */
  enum State {
    /** It holds the log. */
    HOLDING,
    /** The log behind its place was recycled: the follower must begin anew. */
    LOST,
    /** Its file is damaged, or does not fit the log. */
    DAMAGED
  }

  String name();

  State state();

  /** Everything below has been dealt with, durably; 0 if the slot's file is damaged. */
  long confirmedLsn();

  /** Most log that it holds, in bytes from the confirmed LSN to the durable end. */
  long maxRetainedBytes();

  /**
   * Says that the follower needs nothing below {@code lsn} any more. Durable at return; it costs a
   * force, so confirm after a group of records rather than after each. An LSN at or below what was
   * confirmed changes nothing.
   *
   * @param lsn as of {@link LogTail#positionLsn}
   * @throws IllegalArgumentException if it is beyond the durable end
   * @throws LogPositionLostException if the slot has lost its place
   * @throws dev.redoubt.io.CorruptionException if its file is damaged
   * @throws dev.redoubt.io.EngineHaltedException if the force failed; the older place counts, or
   *     this one
   */
  void confirm(long lsn);

  /**
   * A cursor from the confirmed LSN on. It reads ahead of what is confirmed as it likes; the hold
   * moves by {@link #confirm} only. Its moves throw as soon as the slot has lost its place.
   *
   * @throws LogPositionLostException if the slot has lost its place
   * @throws dev.redoubt.io.CorruptionException if its file is damaged
   */
  LogTail tail();

  /** Ends the slot and its hold, durably, whatever its state. */
  void delete();
}
