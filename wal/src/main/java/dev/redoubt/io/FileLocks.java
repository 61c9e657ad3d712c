package dev.redoubt.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Locks of files, across processes by the operating system and within this one by a table.
 * Thread-safe.
 *
 * <p>A POSIX record lock dies with <em>any</em> close of its file by the process that has it. So a
 * file that this process has locked is not opened a second time, not even to find that out: the
 * table is asked first, and those who share a lock share one opening. Nobody else opens lock files.
 */
final class FileLocks {
  private static final ReentrantLock TABLE_LATCH = new ReentrantLock();

  /** What this process has locked, by real path. */
  private static final Map<Path, Held> TABLE = new HashMap<>();

  private FileLocks() {}

  /** A lock that this process has. */
  private static final class Held {
    final FileChannel channel;
    final boolean shared;
    int holders = 1;

    Held(FileChannel channel, boolean shared) {
      this.channel = channel;
      this.shared = shared;
    }
  }

  /** The exclusive lock of {@code file}, which is created when missing. */
  static DiskLock lock(Path file, Path directory) {
    return take(file, directory, false);
  }

  /** The shared one; none if there is no such file, or it cannot be locked where it is. */
  static DiskLock lockShared(Path file, Path directory) {
    return Files.exists(file) ? take(file, directory, true) : () -> {};
  }

  private static DiskLock take(Path file, Path directory, boolean shared) {
    boolean interrupted = Thread.interrupted();
    TABLE_LATCH.lock();
    try {
      Path key = directory.toRealPath().resolve(file.getFileName());
      Held held = TABLE.get(key);
      if (held == null) {
        held = new Held(open(file, directory, shared), shared);
        TABLE.put(key, held);
      } else if (shared && held.shared) {
        held.holders++;
      } else {
        throw locked(directory, null);
      }
      return new Lock(key, held);
    } catch (IOException e) {
      throw RealDisk.failure("lock", file, e);
    } finally {
      TABLE_LATCH.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A channel with its lock. */
  private static FileChannel open(Path file, Path directory, boolean shared) throws IOException {
    FileChannel channel =
        shared
            ? FileChannel.open(file, StandardOpenOption.READ)
            : FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    @Nullable FileLock lock = null;
    try {
      lock = channel.tryLock(0, Long.MAX_VALUE, shared);
    } catch (OverlappingFileLockException e) {
      throw locked(directory, e);
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    if (lock == null) {
      throw locked(directory, null);
    }
    return channel;
  }

  private static StoreLockedException locked(Path directory, @Nullable Throwable cause) {
    return new StoreLockedException(
        directory
            + " is in use by another process, or opened twice in this one; close it there first",
        cause);
  }

  private static void release(Path key, Held held) throws IOException {
    TABLE_LATCH.lock();
    try {
      held.holders--;
      if (held.holders == 0) {
        TABLE.remove(key);
        held.channel.close();
      }
    } finally {
      TABLE_LATCH.unlock();
    }
  }

  private static final class Lock implements DiskLock {
    private final Path key;
    private final Held held;
    private boolean released; // guarded by TABLE_LATCH

    Lock(Path key, Held held) {
      this.key = key;
      this.held = held;
    }

    @Override
    public void close() {
      TABLE_LATCH.lock();
      try {
        if (!released) {
          released = true;
          release(key, held);
        }
      } catch (IOException e) {
        throw RealDisk.failure("unlock", key, e);
      } finally {
        TABLE_LATCH.unlock();
      }
    }
  }
}
