package dev.redoubt.io;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** An open file of a {@link MemoryDisk}; guarded by its latch. */
final class MemoryFile implements DiskFile {
  private final MemoryDisk disk;
  private final String name;
  private final MemoryDisk.Node node;
  private final boolean writable;
  private final boolean direct;
  private boolean closed;

  MemoryFile(MemoryDisk disk, String name, MemoryDisk.Node node, boolean writable, boolean direct) {
    this.disk = disk;
    this.name = name;
    this.node = node;
    this.writable = writable;
    this.direct = direct;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    disk.latch.lock();
    try {
      check(false);
      return node.now.length;
    } finally {
      disk.latch.unlock();
    }
  }

  @Override
  public int read(ByteBuffer dst, long position) {
    disk.latch.lock();
    try {
      check(false);
      disk.show("read", name, position);
      checkAligned(dst, position);
      int n = (int) Math.max(0, Math.min(dst.remaining(), node.now.length - position));
      if (n > 0) {
        dst.put(node.now, (int) position, n);
      }
      return n;
    } finally {
      disk.latch.unlock();
    }
  }

  @Override
  public void write(ByteBuffer src, long position) {
    disk.latch.lock();
    try {
      check(true);
      checkAligned(src, position);
      disk.before("write", name, position);
      int end = Math.toIntExact(position + src.remaining());
      if (end > node.now.length && src.hasRemaining()) {
        disk.checkSpace(node, name, end);
        node.now = Arrays.copyOf(node.now, end);
      }
      if (src.hasRemaining()) {
        src.get(node.now, (int) position, src.remaining());
      }
    } finally {
      disk.latch.unlock();
    }
  }

  @Override
  public void force() {
    disk.latch.lock();
    try {
      check(true);
      disk.before("force", name, 0);
      node.durable = node.now.clone();
    } finally {
      disk.latch.unlock();
    }
  }

  @Override
  public void close() {
    disk.latch.lock();
    try {
      closed = true;
    } finally {
      disk.latch.unlock();
    }
  }

  private void check(boolean write) {
    if (closed) {
      throw new StorageIoException(name + " is closed");
    }
    if (write && !writable) {
      throw new IllegalStateException(name + " was opened for reading");
    }
  }

  private void checkAligned(ByteBuffer buffer, long position) {
    if (position < 0) {
      throw new IllegalArgumentException("negative position: " + position);
    }
    boolean aligned =
        position % Disk.BLOCK_BYTES == 0
            && buffer.remaining() % Disk.BLOCK_BYTES == 0
            && (!buffer.isDirect()
                || MemorySegment.ofBuffer(buffer).address() % Disk.BLOCK_BYTES == 0);
    if (direct && !aligned) {
      throw new StorageIoException(name + ": not aligned: " + position + " " + buffer);
    }
  }
}
