package dev.redoubt.io;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A file of an {@link OverlayDisk}: the one below, if there is one, with the blocks that have been
 * changed. Thread-safe; readers go on beside each other.
 */
final class OverlayContent {
  private static final int BLOCK = Disk.BLOCK_BYTES;

  /** Stands for a block of zeros over something else. */
  private static final byte[] ZEROS = new byte[BLOCK];

  private final OverlayDisk disk;
  private final @Nullable DiskFile base;
  private final long baseLength;
  private final ReentrantReadWriteLock latch = new ReentrantReadWriteLock();
  private final Map<Long, byte[]> blocks = new HashMap<>();
  private long length;
  private long takenBytes;
  private boolean released;

  /** {@code base} belongs to this from now on; null for a new file. */
  OverlayContent(OverlayDisk disk, @Nullable DiskFile base) {
    this.disk = disk;
    this.base = base;
    this.baseLength = base == null ? 0 : base.size();
    this.length = baseLength;
  }

  long size() {
    latch.readLock().lock();
    try {
      return length;
    } finally {
      latch.readLock().unlock();
    }
  }

  int read(ByteBuffer dst, long position) {
    latch.readLock().lock();
    try {
      int count = (int) Math.max(0, Math.min(dst.remaining(), length - position));
      int end = dst.position() + count;
      int limit = dst.limit();
      long at = position;
      while (dst.position() < end) {
        byte[] block = blocks.get(at / BLOCK);
        int from = (int) (at % BLOCK);
        int part =
            Math.min(
                end - dst.position(),
                block == null ? unchanged(at, end - dst.position()) : BLOCK - from);
        if (block != null) {
          dst.put(block, from, part);
        } else {
          dst.limit(dst.position() + part);
          readBase(dst, at);
          dst.limit(limit);
        }
        at += part;
      }
      return count;
    } finally {
      latch.readLock().unlock();
    }
  }

  /** Bytes from {@code at} on, of {@code wanted}, before the next changed block. */
  private int unchanged(long at, int wanted) {
    if (blocks.isEmpty()) {
      return wanted;
    }
    long end = at - at % BLOCK + BLOCK;
    while (end < at + wanted && !blocks.containsKey(end / BLOCK)) {
      end += BLOCK;
    }
    return (int) Math.min(wanted, end - at);
  }

  /** Fills {@code dst} from below; with zeros where the file below has ended. */
  private void readBase(ByteBuffer dst, long at) {
    if (base != null && at < baseLength) {
      int limit = dst.limit();
      dst.limit((int) Math.min(limit, dst.position() + baseLength - at));
      base.read(dst, at);
      dst.limit(limit);
    }
    while (dst.hasRemaining()) {
      dst.put(ZEROS, 0, Math.min(dst.remaining(), BLOCK));
    }
  }

  void write(ByteBuffer src, long position) {
    latch.writeLock().lock();
    try {
      long at = position;
      while (src.hasRemaining()) {
        int from = (int) (at % BLOCK);
        int part = Math.min(src.remaining(), BLOCK - from);
        put(at / BLOCK, from, src.slice(src.position(), part));
        src.position(src.position() + part);
        at += part;
        length = Math.max(length, at);
      }
    } finally {
      latch.writeLock().unlock();
    }
  }

  private void put(long number, int from, ByteBuffer bytes) {
    byte[] old = blocks.get(number);
    boolean whole = bytes.remaining() == BLOCK;
    if (isZero(bytes) && (whole || (old == null && number * BLOCK >= baseLength))) {
      if (isOwn(old)) {
        give(BLOCK);
      }
      if (number * BLOCK < baseLength) {
        blocks.put(number, ZEROS);
      } else {
        blocks.remove(number);
      }
      return;
    }
    byte[] target = old;
    if (target == null || !isOwn(target)) {
      disk.take(BLOCK);
      takenBytes += BLOCK;
      target = new byte[BLOCK];
      if (old == null && !whole) {
        readBase(ByteBuffer.wrap(target), number * BLOCK);
      }
      blocks.put(number, target);
    }
    bytes.get(target, from, bytes.remaining());
  }

  @SuppressWarnings("ReferenceEquality") // there is one array that stands for zeros
  private static boolean isOwn(byte @Nullable [] block) {
    return block != null && block != ZEROS;
  }

  private static boolean isZero(ByteBuffer bytes) {
    return bytes.equals(ByteBuffer.wrap(ZEROS, 0, bytes.remaining()));
  }

  private void give(long bytes) {
    takenBytes -= bytes;
    if (!released) {
      disk.giveBack(bytes);
    }
  }

  /** Its name is gone: what it takes counts no more, though whoever has it open goes on. */
  void release() {
    latch.writeLock().lock();
    try {
      if (!released) {
        disk.giveBack(takenBytes);
        released = true;
      }
    } finally {
      latch.writeLock().unlock();
    }
  }

  void close() {
    if (base != null) {
      base.close();
    }
  }
}
