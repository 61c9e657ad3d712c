package dev.redoubt.benchmarks;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The limit of the disk: overwrites the blocks of a zero-filled file one after another, past the
 * cache, and forces each. For one thread.
 */
final class BareDisk implements AutoCloseable {
  static final String LABEL = "bare disk";

  private static final int BLOCK_BYTES = 4096;
  private static final int FILE_BYTES = 64 << 20;

  private final FileChannel file;
  private final ByteBuffer block = Arena.global().allocate(BLOCK_BYTES, BLOCK_BYTES).asByteBuffer();
  private long position;

  BareDisk(Path path) throws IOException {
    Files.write(path, new byte[FILE_BYTES]);
    file = FileChannel.open(path, StandardOpenOption.WRITE, direct());
    file.force(true);
  }

  // The option cannot be named in source: its package warns, and the warning cannot be suppressed.
  private static OpenOption direct() {
    try {
      Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
      return (OpenOption) options.getField("DIRECT").get(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JDK knows no direct I/O", e);
    }
  }

  void writeAndForce() throws IOException {
    file.write(block.clear(), position);
    file.force(false);
    position = (position + BLOCK_BYTES) % FILE_BYTES;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
