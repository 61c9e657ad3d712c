package dev.redoubt.io;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One directory of files: the only door to the disk. The real one is {@code RealDisk}; crash tests
 * put a simulated one in its place. Names are plain file names without separators ({@link
 * #plainName}); any other is an {@link IllegalArgumentException}. All methods are safe from any
 * thread and unaffected by interrupts; an interrupt that arrives is still pending at return.
 *
 * <p>Creating, renaming and deleting a file is durable only after {@link #forceDirectory}; bytes of
 * a file are durable only after {@link DiskFile#force}. {@code DiskContract}, among the tests, is
 * all of this as tests, which every implementation passes.
 */
public interface Disk extends AutoCloseable {
  /** How a file is opened. */
  enum Access {
    /** Existing file, reads only. */
    READ,
    /** Existing file, reads and writes. */
    WRITE,
    /** New, empty file, reads and writes; an existing one of that name is an error. */
    CREATE
  }

  /** Whether transfers go through the operating system's cache. */
  enum Caching {
    BUFFERED,
    /**
     * Past the cache where the file system can; buffered where it cannot. Address of the buffer,
     * position and length must be multiples of {@link #BLOCK_BYTES}; else the transfer is a {@link
     * StorageIoException} (unless the file system took it buffered).
     */
    DIRECT
  }

  /** Alignment for direct transfers, and the unit in which the log is written. */
  int BLOCK_BYTES = 4096;

  /**
   * Opens a file.
   *
   * @throws StorageIoException if it does not exist (READ, WRITE), exists already (CREATE), or
   *     cannot be opened
   */
  DiskFile open(String name, Access access, Caching caching);

  boolean exists(String name);

  /** Names of all files, sorted. */
  List<String> list();

  /**
   * Renames; an existing target is replaced in one step. Files that are open stay so. Durable after
   * {@link #forceDirectory}.
   *
   * @throws StorageIoException if there is no file {@code from}, or it cannot be renamed
   */
  void rename(String from, String to);

  /**
   * Deletes an existing file; whoever has it open goes on with it. Durable after {@link
   * #forceDirectory}.
   *
   * @throws StorageIoException if there is none, or it cannot be deleted
   */
  void delete(String name);

  /** Makes every creation, rename and deletion so far durable. */
  void forceDirectory();

  /**
   * Takes the exclusive lock of the named file (created when missing); held until closed.
   *
   * @throws StoreLockedException if anyone, in this process or another, holds it
   */
  DiskLock lock(String name);

  /**
   * Takes the lock of the named file together with others who only read; held until closed. Writes
   * nothing, so it holds nothing where there is no such file. A disk that knows no shared locks
   * takes the exclusive one.
   *
   * @throws StoreLockedException if anyone holds it exclusively
   */
  default DiskLock lockShared(String name) {
    return exists(name) ? lock(name) : () -> {};
  }

  /**
   * The directory of the operating system that this is, for those who must keep files of another
   * library beside ours; null if it is none.
   */
  default @Nullable Path path() {
    return null;
  }

  /** What a person calls this place, for messages: a path, or the name of a simulated disk. */
  String description();

  /**
   * Returns the name if it can be one of a file here.
   *
   * @throws IllegalArgumentException if it is empty, {@code .} or {@code ..}, or has a separator
   */
  static String plainName(String name) {
    if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0) {
      throw new IllegalArgumentException("not a plain file name: \"" + name + "\"");
    }
    return name;
  }

  @Override
  void close();
}
