package dev.redoubt.crash.disk;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.StorageIoException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An open file of a {@link SimDisk}; guarded by the disk's mutex. */
final class SimFile implements DiskFile {
  private final SimDisk disk;
  private final String name;
  private final Inode inode;
  private final boolean writable;
  private final boolean direct;
  private boolean closed;

  SimFile(SimDisk disk, String name, Inode inode, boolean writable, boolean direct) {
    this.disk = disk;
    this.name = name;
    this.inode = inode;
    this.writable = writable;
    this.direct = direct;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return disk.locked(
        () -> {
          checkOpen("size");
          return inode.size();
        });
  }

  @Override
  public int read(ByteBuffer dst, long position) {
    return disk.locked(() -> readLocked(dst, position));
  }

  private int readLocked(ByteBuffer dst, long position) {
    checkOpen("read");
    checkAligned(dst, position);
    @Nullable Fault fault = disk.call(IoKind.READ, name, position, dst.remaining(), false);
    if (fault != null && fault.action() == Fault.Action.STALE) {
      return fault.past(inode).read(dst, position);
    }
    if (fault == null || dst.remaining() == half(dst)) {
      return inode.read(dst, position, direct);
    }
    ByteBuffer part = dst.slice(dst.position(), half(dst));
    int count = inode.read(part, position, direct);
    dst.position(dst.position() + count);
    return part.hasRemaining() ? count : count + readLocked(dst, position + count);
  }

  /** What a short transfer moves: whole blocks, if there are several. */
  private static int half(ByteBuffer buffer) {
    int half = buffer.remaining() / 2;
    return Math.max(half - half % Disk.BLOCK_BYTES, Math.min(buffer.remaining(), Disk.BLOCK_BYTES));
  }

  @Override
  public void write(ByteBuffer src, long position) {
    disk.run(() -> writeLocked(src, position));
  }

  private void writeLocked(ByteBuffer src, long position) {
    checkOpen("write");
    if (!writable) {
      throw new IllegalStateException("write " + name + ": opened for reading only");
    }
    checkAligned(src, position);
    int length = src.remaining();
    if (length == 0) {
      return;
    }
    boolean allocating = inode.newBlocks(position, length) > 0;
    disk.checkSpace(inode, name, position, length);
    @Nullable Fault fault = disk.call(IoKind.WRITE, name, position, length, allocating);
    if (fault == null) {
      put(src, position);
    } else {
      putWrongly(fault, src, position);
    }
  }

  private void putWrongly(Fault fault, ByteBuffer src, long position) {
    switch (fault.action()) {
      case LIE -> src.position(src.limit());
      case MISDIRECT -> put(src, fault.misdirected(position));
      case EIO_PARTIAL -> {
        put(src.slice(src.position(), Math.max(1, src.remaining() / 2)), position);
        throw Calls.failed(IoKind.WRITE, name);
      }
      case SHORT -> {
        int part = half(src);
        put(src.slice(src.position(), part), position);
        writeLocked(src.position(src.position() + part), position + part);
      }
      case EIO, EIO_KEEPING, ENOSPC, STALE -> throw Calls.failed(IoKind.WRITE, name);
    }
  }

  private void put(ByteBuffer src, long position) {
    int length = src.remaining();
    List<PendingOp.Write.Piece> pieces = new ArrayList<>(length / Block.BYTES + 2);
    long at = position;
    while (src.hasRemaining()) {
      int within = (int) (at % Block.BYTES);
      int count = Math.min(src.remaining(), Block.BYTES - within);
      byte[] content = new byte[Block.BYTES];
      src.get(content, within, count);
      pieces.add(
          new PendingOp.Write.Piece(
              Math.toIntExact(at / Block.BYTES), Block.of(content), within, within + count));
      at += count;
    }
    inode.write(new PendingOp.Write(disk.nextSequence(), name, position, length, pieces));
  }

  @Override
  public void force() {
    disk.run(this::forceLocked);
  }

  private void forceLocked() {
    checkOpen("force");
    @Nullable Fault fault = disk.call(IoKind.FORCE, name, 0, 0, false);
    if (fault != null && fault.action() == Fault.Action.LIE) {
      return;
    }
    if (fault != null) {
      if (fault.action() != Fault.Action.EIO_KEEPING) {
        inode.dropPending();
      }
      throw Calls.failed(IoKind.FORCE, name);
    }
    inode.force();
  }

  @Override
  public void close() {
    disk.run(() -> closed = true);
  }

  private void checkOpen(String what) {
    if (closed) {
      throw new StorageIoException(what + " " + name + ": the file was closed");
    }
  }

  /** What direct transfers demand of a real device; heap buffers are copied there and here. */
  private void checkAligned(ByteBuffer buffer, long position) {
    if (position < 0) {
      throw new IllegalArgumentException("negative position: " + position);
    }
    if (!direct) {
      return;
    }
    boolean aligned =
        position % Disk.BLOCK_BYTES == 0 && buffer.remaining() % Disk.BLOCK_BYTES == 0;
    if (aligned && buffer.isDirect()) {
      aligned = MemorySegment.ofBuffer(buffer).address() % Disk.BLOCK_BYTES == 0;
    }
    if (!aligned) {
      throw new StorageIoException(
          "direct transfer of "
              + name
              + " is not aligned: position "
              + position
              + ", length "
              + buffer.remaining());
    }
  }
}
