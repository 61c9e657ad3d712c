package dev.redoubt.demo.serve;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;

/**
 * What goes to a client, a piece at a time, so that another thread can see whether the client takes
 * it: a socket has a limit for reading only. Written by one thread, watched by any.
 */
final class WatchedOutput extends OutputStream {
  private static final int PIECE_BYTES = 64 << 10;
  private static final long NOT_WRITING = 0;

  private final OutputStream out;

  /** When the piece in hand was begun, on the system's clock; odd, so as not to be 0. */
  private volatile long since = NOT_WRITING;

  WatchedOutput(OutputStream out) {
    this.out = out;
  }

  /** Whether one piece has been under way for longer than that. */
  boolean isStuck(Duration longest) {
    long begun = since;
    return begun != NOT_WRITING && System.nanoTime() - begun > longest.toNanos();
  }

  @Override
  public void write(int single) throws IOException {
    write(new byte[] {(byte) single}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    try {
      for (int at = 0; at < length; at += PIECE_BYTES) {
        since = System.nanoTime() | 1;
        out.write(bytes, from + at, Math.min(PIECE_BYTES, length - at));
      }
    } finally {
      since = NOT_WRITING;
    }
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }
}
