package dev.redoubt.wal;

import java.lang.foreign.MemorySegment;
import java.time.Duration;

/**
 * A tail cursor: follows the durable end of a log, record by record, with no gap and no duplicate,
 * across batches and segments. It never shows a record that is not durable. Confined to one thread
 * at a time, platform or virtual; waiting is parking.
 *
 * <pre>{@code
 * while (tail.next()) {            // ends when the log is closed
 *   apply(tail.lsn(), tail.payload());
 *   slot.confirm(tail.positionLsn());   // or remember the position elsewhere
 * }
 * }</pre>
 *
 * <p>All of the three calls that move it throw {@link LogPositionLostException} if the log that
 * comes next has been recycled, {@link dev.redoubt.io.EngineHaltedException} if the log has halted
 * and everything durable was shown, and {@link dev.redoubt.io.StorageException} if the log cannot
 * be read. The position is then where it was.
 */
public interface LogTail extends AutoCloseable {
  /**
   * Moves to the next record if one is durable now; never waits for one.
   *
   * @return false if there is none, or the log has been closed
   */
  boolean poll();

  /**
   * Moves to the next record; waits until one is durable.
   *
   * @return false if the log has been closed; what was not shown by then is there after the next
   *     opening
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  boolean next() throws InterruptedException;

  /**
   * Moves to the next record; waits for one no longer than {@code timeout}, by the log's clock.
   *
   * @return false if the time is up ({@link #isLogClosed} tells) or the log has been closed
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  boolean next(Duration timeout) throws InterruptedException;

  /** Whether the log was closed: this cursor will show nothing more. */
  boolean isLogClosed();

  /** LSN of the current record. */
  long lsn();

  /** Bytes of the current record; a read-only view that the next move overwrites. */
  MemorySegment payload();

  /**
   * Everything below has been shown: where a follower goes on after a restart. Before the first
   * record it is where the cursor was opened.
   */
  long positionLsn();

  /** Gives up files, and the hold on the log if the cursor has one of its own. */
  @Override
  void close();
}
