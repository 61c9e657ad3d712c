package dev.redoubt.io;

import java.nio.ByteBuffer;

/**
 * An open file. Safe from any thread. Short transfers are looped; interrupts do no harm: the file
 * stays open for everybody and the interrupt is pending at return. After {@link #close} every other
 * call is a {@link StorageIoException}.
 */
public interface DiskFile extends AutoCloseable {
  String name();

  /** Length in bytes. */
  long size();

  /**
   * Reads from {@code position} until {@code dst} is full or the file ends.
   *
   * @return bytes read, from 0 (at or past the end) to what {@code dst} had remaining; its position
   *     has moved by as much
   * @throws StorageIoException on any failure; never for the end of the file
   * @throws IllegalArgumentException if the position is negative
   */
  int read(ByteBuffer dst, long position);

  /**
   * Writes all remaining bytes of {@code src} at {@code position}; the file grows as needed (a gap
   * reads as zeros). Not durable before {@link #force}.
   *
   * @throws DiskFullException if there is no space; part of the bytes may have been written
   * @throws StorageIoException on any other failure; part of the bytes may have been written
   * @throws IllegalArgumentException if the position is negative
   * @throws IllegalStateException if the file was opened for reading
   */
  void write(ByteBuffer src, long position);

  /**
   * Makes everything written so far durable, the length included.
   *
   * @throws StorageIoException on failure. Then what was written since the last successful force is
   *     in doubt for ever: a second force must not be believed
   */
  void force();

  /** Gives the file up; forces nothing. Does nothing the second time. */
  @Override
  void close();
}
