package dev.redoubt.wal;

/**
 * Log space set aside in segments that exist, are zero-filled and forced, so that appends that it
 * covers cannot meet a full disk (rule 4). Not thread-safe.
 */
public interface LogReservation extends AutoCloseable {
  /** Bytes still set aside. */
  long remainingBytes();

  /**
   * Sets aside {@code bytes} more, whatever the length of the log. Called with no latch held.
   *
   * @throws dev.redoubt.io.DiskFullException if there is no space; nothing has changed
   */
  void extend(long bytes);

  /**
   * Sets aside {@code bytes} more if the log then stays within a cap: from its start to its end,
   * with everything that is set aside, by whomever, and these. Called with no latch held.
   *
   * @param maxRetainedBytes the cap
   * @return whether it did; if not, nothing has changed
   * @throws dev.redoubt.io.DiskFullException if there is no space; nothing has changed
   */
  boolean tryExtend(long bytes, long maxRetainedBytes);

  /** Gives back {@code bytes}, since they were appended or will not be needed. */
  void release(long bytes);

  /** Gives back the rest. */
  @Override
  void close();
}
