package dev.redoubt.demo.load;

import dev.redoubt.demo.output.InputException;
import dev.redoubt.demo.output.Progress;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * A file to load from, unpacked when its name ends in {@code .gz}; or standard input, {@code -}.
 * Counts what was read, for progress. Read by one thread; {@link #fraction} from any.
 */
public final class Input implements AutoCloseable {
  private final InputStream stream;
  private final Counting counting;
  private final long totalBytes;

  private Input(InputStream stream, Counting counting, long totalBytes) {
    this.stream = stream;
    this.counting = counting;
    this.totalBytes = totalBytes;
  }

  /**
   * Opens it.
   *
   * @throws InputException if there is no such file or it cannot be read
   */
  public static Input open(String name, InputStream standardInput) {
    if (name.equals("-")) {
      Counting counting = new Counting(standardInput);
      return new Input(counting, counting, -1);
    }
    Path file = Path.of(name);
    if (!Files.isRegularFile(file) && !Files.isReadable(file)) {
      throw new InputException("no-such-file", "there is no file " + file + " to load");
    }
    if (Files.isDirectory(file)) {
      throw new InputException("no-such-file", file + " is a directory, not a file to load");
    }
    try {
      Counting counting = new Counting(Files.newInputStream(file));
      InputStream stream =
          name.endsWith(".gz") ? new GZIPInputStream(counting, 64 << 10) : counting;
      return new Input(stream, counting, Files.size(file));
    } catch (IOException e) {
      throw new InputException("unreadable-input", file + " cannot be read: " + e.getMessage());
    }
  }

  public InputStream stream() {
    return stream;
  }

  /** Part of the file that was read, 0 to 1, or {@link Progress#UNKNOWN}. */
  public double fraction() {
    return totalBytes > 0 ? (double) counting.count / totalBytes : Progress.UNKNOWN;
  }

  @Override
  public void close() {
    try {
      stream.close();
    } catch (IOException e) {
      throw new InputException("unreadable-input", "closing the input: " + e.getMessage());
    }
  }

  private static final class Counting extends FilterInputStream {
    private volatile long count;

    Counting(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int value = in.read();
      add(value < 0 ? 0 : 1);
      return value;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int read = in.read(target, offset, length);
      add(Math.max(0, read));
      return read;
    }

    // One thread reads, so nothing is lost between reading and writing the count.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void add(int bytes) {
      count += bytes;
    }
  }
}
