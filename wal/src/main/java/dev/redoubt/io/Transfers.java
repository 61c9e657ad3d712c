package dev.redoubt.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Loops over short transfers. A direct one that was cut off within a block goes on from the block's
 * start, since position and length must stay aligned: the same bytes are transferred again.
 */
final class Transfers {
  /** A system that says "nothing done" so many times in a row will say so for ever. */
  private static final int FRUITLESS_ATTEMPTS = 10_000;

  private Transfers() {}

  /** Reads until {@code dst} is full or the file ends; returns the bytes read. */
  static int readFully(FileChannel from, ByteBuffer dst, long position, boolean direct)
      throws IOException {
    int start = dst.position();
    int wanted = dst.remaining();
    int fruitless = 0;
    int done = 0;
    while (done < wanted) {
      int n = from.read(dst, position + done);
      if (n < 0) {
        break;
      }
      int before = done;
      done += n;
      if (direct && done % Disk.BLOCK_BYTES != 0) {
        if (position + done >= from.size()) {
          break;
        }
        done -= done % Disk.BLOCK_BYTES;
        dst.position(start + done);
      }
      fruitless = progress(before, done, fruitless);
    }
    return done;
  }

  /** Writes all that remains of {@code src}. */
  static void writeFully(FileChannel to, ByteBuffer src, long position, boolean direct)
      throws IOException {
    int start = src.position();
    int wanted = src.remaining();
    int fruitless = 0;
    int done = 0;
    while (done < wanted) {
      int before = done;
      done += to.write(src, position + done);
      if (direct && done % Disk.BLOCK_BYTES != 0) {
        done -= done % Disk.BLOCK_BYTES;
        src.position(start + done);
      }
      fruitless = progress(before, done, fruitless);
    }
  }

  private static int progress(int before, int done, int fruitless) throws IOException {
    if (done > before) {
      return 0;
    }
    if (fruitless == FRUITLESS_ATTEMPTS) {
      throw new IOException("the system transferred nothing, " + fruitless + " times in a row");
    }
    return fruitless + 1;
  }
}
