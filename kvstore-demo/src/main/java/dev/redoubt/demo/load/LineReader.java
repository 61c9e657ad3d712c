package dev.redoubt.demo.load;

import dev.redoubt.demo.output.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Cuts a stream of bytes into lines. A line ends in LF or CR LF, the last one also without. Lines
 * longer than the limit are passed over without being held. Not thread-safe.
 */
final class LineReader {
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private final InputStream in;
  private final int maxLineBytes;
  private final byte[] block = new byte[64 << 10];
  private int blockStart;
  private int blockEnd;
  private byte[] line = new byte[1 << 10];
  private long lineBytes;
  private long number;

  LineReader(InputStream in, int maxLineBytes) {
    this.in = in;
    this.maxLineBytes = maxLineBytes;
  }

  /** Moves to the next line; false at the end of the stream. */
  boolean next() throws IOException {
    lineBytes = 0;
    boolean any = false;
    while (blockStart < blockEnd || fill()) {
      any = true;
      int end = blockStart;
      while (end < blockEnd && block[end] != '\n') {
        end++;
      }
      keep(end - blockStart);
      blockStart = end;
      if (end < blockEnd) {
        blockStart++;
        break;
      }
    }
    if (any) {
      number++;
      trim();
    }
    return any;
  }

  /** Number of the current line, from 1. */
  long number() {
    return number;
  }

  /**
   * The current line without its end.
   *
   * @throws InputException if it is not UTF-8 or too long
   */
  String text() {
    if (lineBytes > maxLineBytes) {
      throw new InputException("bad-line", "longer than " + maxLineBytes + " bytes");
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(line, 0, (int) lineBytes);
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new InputException("bad-line", "not UTF-8");
    }
  }

  private boolean fill() throws IOException {
    blockStart = 0;
    blockEnd = Math.max(0, in.read(block));
    return blockEnd > 0;
  }

  private void keep(int length) {
    if (lineBytes + length <= maxLineBytes) {
      int needed = (int) lineBytes + length;
      if (needed > line.length) {
        line = Arrays.copyOf(line, (int) Math.min(maxLineBytes, Math.max(needed, 2L * needed)));
      }
      System.arraycopy(block, blockStart, line, (int) lineBytes, length);
    }
    lineBytes += length;
  }

  private void trim() {
    if (lineBytes > maxLineBytes) {
      return;
    }
    if (lineBytes > 0 && line[(int) lineBytes - 1] == '\r') {
      lineBytes--;
    }
    int mark = BYTE_ORDER_MARK.length;
    if (number == 1
        && lineBytes >= mark
        && Arrays.equals(line, 0, mark, BYTE_ORDER_MARK, 0, mark)) {
      System.arraycopy(line, mark, line, 0, (int) lineBytes - mark);
      lineBytes -= mark;
    }
  }
}
