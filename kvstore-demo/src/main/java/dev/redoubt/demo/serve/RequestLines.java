package dev.redoubt.demo.serve;

import dev.redoubt.demo.output.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a connection into lines. Only what an LF ends is a line: half a request, left by a client
 * that died, is never carried out. Confined to one thread.
 */
final class RequestLines {
  private static final int FIRST_BYTES = 512;

  private final InputStream in;
  private final int maxBytes;
  private final byte[] block = new byte[8 << 10];
  private int blockStart;
  private int blockEnd;
  private byte[] line = new byte[FIRST_BYTES];

  /**
   * Lines of {@code in}.
   *
   * @param maxBytes of a line without its end
   */
  RequestLines(InputStream in, int maxBytes) {
    this.in = in;
    this.maxBytes = maxBytes;
  }

  /**
   * The next line without its end, LF or CR LF; null when the connection has ended.
   *
   * @throws InputException if it is longer than allowed or not UTF-8; it has been passed over
   */
  @Nullable String next() throws IOException {
    int length = 0;
    while (true) {
      if (blockStart == blockEnd && !fill()) {
        return null;
      }
      int end = blockStart;
      while (end < blockEnd && block[end] != '\n') {
        end++;
      }
      length = keep(length, end - blockStart);
      blockStart = end;
      if (end < blockEnd) {
        blockStart++;
        return text(length);
      }
    }
  }

  private boolean fill() throws IOException {
    blockStart = 0;
    blockEnd = Math.max(0, in.read(block));
    return blockEnd > 0;
  }

  /** Adds what the block holds of the line; of a line too long only its length is kept. */
  private int keep(int length, int more) {
    int sum = (int) Math.min((long) maxBytes + 2, (long) length + more);
    if (sum <= maxBytes + 1) { // the CR of a CR LF is not counted
      if (sum > line.length) {
        line = Arrays.copyOf(line, Math.max(sum, Math.min(2 * line.length, maxBytes + 1)));
      }
      System.arraycopy(block, blockStart, line, length, more);
    }
    return sum;
  }

  private String text(int length) {
    int end =
        length > 0 && length <= maxBytes + 1 && line[length - 1] == '\r' ? length - 1 : length;
    if (end > maxBytes) {
      throw new InputException("line-too-long", "a line has at most " + maxBytes + " bytes");
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(line, 0, end);
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new InputException("bad-request", "the line is not UTF-8");
    }
  }
}
