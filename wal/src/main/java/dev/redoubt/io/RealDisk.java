package dev.redoubt.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A directory of the operating system. Thread-safe. Closing it does not close its files, which
 * belong to whoever opened them.
 */
public final class RealDisk implements Disk {
  private final Path directory;
  private final Channels channels;

  /** Keeps a rename and the re-opening of an interrupted file apart. */
  private final ReentrantLock namesLatch = new ReentrantLock();

  private final Set<RealFile> openFiles = ConcurrentHashMap.newKeySet();

  RealDisk(Path directory, Channels channels) {
    this.directory = directory.toAbsolutePath().normalize();
    this.channels = channels;
  }

  /**
   * The disk of an existing directory. Nothing is read or written yet.
   *
   * @throws NotAStoreException if there is no such directory
   */
  public static RealDisk open(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new NotAStoreException(
          directory
              + (Files.exists(directory) ? " is not a directory" : ": no such directory")
              + "; name the directory that holds the store, or create one");
    }
    return new RealDisk(directory, Channels.system());
  }

  /**
   * The disk of a directory that is made, with its parents, if it is missing. At return the
   * directory itself is durable.
   *
   * @throws StorageIoException if it cannot be made
   * @throws NotAStoreException if something else has that name
   */
  public static RealDisk create(Path directory) {
    Path absolute = directory.toAbsolutePath().normalize();
    if (Files.exists(absolute)) {
      return open(absolute);
    }
    try {
      List<Path> missing = new ArrayList<>();
      for (Path at = absolute; at != null && !Files.exists(at); at = at.getParent()) {
        missing.add(at);
      }
      Files.createDirectories(absolute);
      for (Path made : missing) {
        Path parent = made.getParent();
        if (parent != null) {
          forceDirectory(parent);
        }
      }
    } catch (IOException e) {
      throw failure("create directory", absolute, e);
    }
    return open(absolute);
  }

  @Override
  public DiskFile open(String name, Access access, Caching caching) {
    Path path = path(name);
    namesLatch.lock();
    try {
      RealFile file = RealFile.open(this, name, path, access, caching);
      openFiles.add(file);
      return file;
    } catch (IOException e) {
      throw failure(access == Access.CREATE ? "create" : "open", path, e);
    } finally {
      namesLatch.unlock();
    }
  }

  @Override
  public boolean exists(String name) {
    return Files.exists(path(name), LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public List<String> list() {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        Path fileName = entry.getFileName();
        if (fileName != null && !Files.isDirectory(entry)) {
          names.add(fileName.toString());
        }
      }
    } catch (IOException e) {
      throw failure("list", directory, e);
    }
    Collections.sort(names);
    return names;
  }

  @Override
  public void rename(String from, String to) {
    Path source = path(from);
    Path target = path(to);
    namesLatch.lock();
    try {
      Files.move(
          source, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      for (RealFile file : openFiles) {
        file.renamed(from, to, target);
      }
    } catch (IOException e) {
      throw failure("rename to " + to, source, e);
    } finally {
      namesLatch.unlock();
    }
  }

  @Override
  public void delete(String name) {
    Path path = path(name);
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw failure("delete", path, e);
    }
  }

  @Override
  public void forceDirectory() {
    try {
      forceDirectory(directory);
    } catch (IOException e) {
      throw failure("force directory", directory, e);
    }
  }

  @Override
  public DiskLock lock(String name) {
    return FileLocks.lock(path(name), directory);
  }

  @Override
  public DiskLock lockShared(String name) {
    return FileLocks.lockShared(path(name), directory);
  }

  @Override
  public Path path() {
    return directory;
  }

  @Override
  public String description() {
    return directory.toString();
  }

  @Override
  public void close() {
    // Nothing of its own is open.
  }

  @Override
  public String toString() {
    return description();
  }

  Channels channels() {
    return channels;
  }

  ReentrantLock namesLatch() {
    return namesLatch;
  }

  void closed(RealFile file) {
    openFiles.remove(file);
  }

  /** The exception for a failed call: disk full is told apart from the rest. */
  static StorageIoException failure(String call, Path path, IOException e) {
    String what = call + " failed for " + path + ": " + e.getMessage();
    if (isDiskFull(path, e)) {
      return new DiskFullException(
          what + " (" + usableBytes(path) + " bytes usable); free space and try again", e);
    }
    return new StorageIoException(what + " (" + e.getClass().getSimpleName() + ")", e);
  }

  private static boolean isDiskFull(Path path, IOException e) {
    String message = String.valueOf(e.getMessage());
    // ENOSPC and EDQUOT; the JDK has no type for them, and the text may be translated.
    return message.contains("No space left on device")
        || message.contains("Disk quota exceeded")
        || (message.contains("rite") && usableBytes(path) == 0);
  }

  private static long usableBytes(Path path) {
    try {
      Path at = Files.exists(path) ? path : path.getParent();
      return at == null ? -1 : Files.getFileStore(at).getUsableSpace();
    } catch (IOException e) {
      return -1;
    }
  }

  private static void forceDirectory(Path directory) throws IOException {
    var _ =
        InterruptShield.run(
            () -> {
              try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
              }
              return 0;
            },
            found -> {});
  }

  private Path path(String name) {
    return directory.resolve(Disk.plainName(name));
  }
}
