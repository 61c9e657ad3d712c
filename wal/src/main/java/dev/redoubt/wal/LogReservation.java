package dev.redoubt.wal;

/**
 * Log space set aside in segments that exist, are zero-filled and forced, so that appends that it
 * covers cannot meet a full disk (rule 4). Not thread-safe.
 */
public interface LogReservation extends AutoCloseable {
  /** Bytes still set aside. */
  long remainingBytes();

  /** Sets aside {@code bytes} more. Called with no latch held. */
  void extend(long bytes);

  /** Gives back {@code bytes}, since they were appended or will not be needed. */
  void release(long bytes);

  /** Gives back the rest. */
  @Override
  void close();
}
