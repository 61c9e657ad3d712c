package dev.redoubt.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A file of the operating system that survives interrupts by a <em>standby descriptor</em>.
 *
 * <p>A file open for writing has two channels from the start. Transfers and forces go through the
 * first. When an interrupt closes it, the second takes over, a new second is opened, and what was
 * cut off is repeated from its start (transfers name their position, so repeating is harmless). The
 * standby must have been open <em>before</em> the write: Linux reports a failed write-back only to
 * descriptors that were open when it happened, and a force on a newer one would report success for
 * bytes that are gone.
 */
final class RealFile implements DiskFile {
  private final RealDisk disk;
  private final Access access;
  private final boolean direct;
  private volatile String name;
  private volatile Path path;

  private final ReentrantLock swapLatch = new ReentrantLock();
  private volatile FileChannel channel;
  private @Nullable FileChannel standby;
  private volatile boolean closed;

  /** Reads need no standby; a file that was created is never created twice. */
  private enum Access {
    READ,
    WRITE
  }

  private RealFile(
      RealDisk disk,
      String name,
      Path path,
      Access access,
      boolean direct,
      FileChannel channel,
      @Nullable FileChannel standby) {
    this.disk = disk;
    this.name = name;
    this.path = path;
    this.access = access;
    this.direct = direct;
    this.channel = channel;
    this.standby = standby;
  }

  static RealFile open(RealDisk disk, String name, Path path, Disk.Access how, Disk.Caching caching)
      throws IOException {
    boolean create = how == Disk.Access.CREATE;
    Access access = how == Disk.Access.READ ? Access.READ : Access.WRITE;
    if (create) {
      FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE).close();
    }
    boolean direct = caching == Disk.Caching.DIRECT;
    FileChannel first;
    if (direct) {
      try {
        first = openChannel(disk, path, access, true);
      } catch (IOException | UnsupportedOperationException e) {
        // Some file systems refuse O_DIRECT (EINVAL); any other trouble shows again below.
        direct = false;
        first = openChannel(disk, path, access, false);
      }
    } else {
      first = openChannel(disk, path, access, false);
    }
    FileChannel second = null;
    if (access == Access.WRITE) {
      try {
        second = openChannel(disk, path, access, direct);
      } catch (IOException e) {
        first.close();
        throw e;
      }
    }
    return new RealFile(disk, name, path, access, direct, first, second);
  }

  private static FileChannel openChannel(RealDisk disk, Path path, Access access, boolean direct)
      throws IOException {
    Set<OpenOption> options = new HashSet<>();
    options.add(StandardOpenOption.READ);
    if (access == Access.WRITE) {
      options.add(StandardOpenOption.WRITE);
    }
    if (direct) {
      options.add(DirectOption.direct());
    }
    return disk.channels().open(path, options);
  }

  @Override
  public String name() {
    return name;
  }

  /** Whether transfers really go past the cache. */
  boolean isDirect() {
    return direct;
  }

  @Override
  public long size() {
    try {
      return shielded(FileChannel::size);
    } catch (IOException e) {
      throw RealDisk.failure("size", path, e);
    }
  }

  @Override
  public int read(ByteBuffer dst, long position) {
    int start = dst.position();
    try {
      return (int) shielded(at -> Transfers.readFully(at, dst.position(start), position, direct));
    } catch (IOException e) {
      throw RealDisk.failure("read at " + position, path, e);
    }
  }

  @Override
  public void write(ByteBuffer src, long position) {
    if (access == Access.READ) {
      throw new IllegalStateException(path + " was opened for reading");
    }
    int start = src.position();
    try {
      var _ =
          shielded(
              at -> {
                Transfers.writeFully(at, src.position(start), position, direct);
                return 0;
              });
    } catch (IOException e) {
      throw RealDisk.failure("write at " + position, path, e);
    }
  }

  @Override
  public void force() {
    try {
      // force(false) is fdatasync: the data, and of the metadata what is needed to read it
      // (length).
      var _ =
          shielded(
              at -> {
                at.force(false);
                return 0;
              });
    } catch (IOException e) {
      throw RealDisk.failure("force", path, e);
    }
  }

  @Override
  public void close() {
    swapLatch.lock();
    try {
      if (!closed) {
        closed = true;
        closeChannels();
      }
    } catch (IOException e) {
      throw RealDisk.failure("close", path, e);
    } finally {
      swapLatch.unlock();
      disk.closed(this);
    }
  }

  private void closeChannels() throws IOException {
    FileChannel second = standby;
    standby = null;
    try {
      channel.close();
    } finally {
      if (second != null) {
        second.close();
      }
    }
  }

  /** Called under the disk's latch for names. */
  void renamed(String from, String to, Path target) {
    if (name.equals(from)) {
      path = target;
      name = to;
    }
  }

  @FunctionalInterface
  private interface OnChannel {
    long run(FileChannel channel) throws IOException;
  }

  private long shielded(OnChannel work) throws IOException {
    // The channel found closed must be the one that was used, not what a neighbour put in its
    // place.
    FileChannel[] used = new FileChannel[1];
    return InterruptShield.run(
        () -> {
          FileChannel at = channel;
          used[0] = at;
          return work.run(at);
        },
        found -> takeOver(used[0], found));
  }

  private void takeOver(FileChannel dead, ClosedChannelException found) throws IOException {
    disk.namesLatch().lock();
    swapLatch.lock();
    try {
      if (closed) {
        throw found;
      }
      if (!channel.equals(dead)) {
        return;
      }
      if (access == Access.READ) {
        channel = openChannel(disk, path, access, direct);
        return;
      }
      FileChannel next = standby;
      if (next == null) {
        throw new IOException("interrupted, and no standby descriptor could be opened", found);
      }
      standby = null;
      channel = next;
      standby = openChannel(disk, path, access, direct);
    } finally {
      swapLatch.unlock();
      disk.namesLatch().unlock();
    }
  }
}
