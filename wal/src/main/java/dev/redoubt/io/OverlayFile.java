package dev.redoubt.io;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** An opening of a file of an {@link OverlayDisk}. Thread-safe. */
final class OverlayFile implements DiskFile {
  private final String name;
  private final OverlayContent content;
  private final boolean writable;
  private final boolean direct;
  private volatile boolean closed;

  OverlayFile(String name, OverlayContent content, boolean writable, Disk.Caching caching) {
    this.name = name;
    this.content = content;
    this.writable = writable;
    this.direct = caching == Disk.Caching.DIRECT;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    checkOpen("size");
    return content.size();
  }

  @Override
  public int read(ByteBuffer dst, long position) {
    checkOpen("read");
    checkPlace("read", dst, position);
    return content.read(dst, position);
  }

  @Override
  public void write(ByteBuffer src, long position) {
    checkOpen("write");
    checkPlace("write", src, position);
    if (!writable) {
      throw new IllegalStateException(name + " was opened for reading");
    }
    content.write(src, position);
  }

  @Override
  public void force() {
    checkOpen("force");
  }

  @Override
  public void close() {
    closed = true;
  }

  private void checkOpen(String call) {
    if (closed) {
      throw new StorageIoException(call + " failed: " + name + " was closed");
    }
  }

  private void checkPlace(String call, ByteBuffer buffer, long position) {
    if (position < 0) {
      throw new IllegalArgumentException("position is negative: " + position);
    }
    int block = Disk.BLOCK_BYTES;
    if (direct
        && (position % block != 0
            || buffer.remaining() % block != 0
            || MemorySegment.ofBuffer(buffer).address() % block != 0)) {
      throw new StorageIoException(
          call
              + " failed: a direct transfer of "
              + name
              + " at "
              + position
              + " of "
              + buffer.remaining()
              + " bytes is not aligned to blocks");
    }
  }
}
