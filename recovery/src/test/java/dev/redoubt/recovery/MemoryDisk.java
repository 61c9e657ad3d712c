package dev.redoubt.recovery;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.DiskFullException;
import dev.redoubt.io.DiskLock;
import dev.redoubt.io.RealFolders;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.io.StoreLockedException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that tells what was forced, names included, from what was not, and can lose
 * power at any write. Thread-safe.
 */
final class MemoryDisk implements Disk {
  /** The power went off at this write. */
  static final class PowerCut extends Error {
    private static final long serialVersionUID = 1L;
  }

  private static final class Content {
    byte[] live = {};
    byte[] durable = {};
    long dirtyFrom = Long.MAX_VALUE;
    long dirtyTo;

    Content copy(boolean powerLoss) {
      Content copy = new Content();
      copy.live = powerLoss ? durable.clone() : live.clone();
      copy.durable = durable.clone();
      copy.dirtyFrom = powerLoss ? Long.MAX_VALUE : 0;
      copy.dirtyTo = powerLoss ? 0 : live.length;
      return copy;
    }

    void force() {
      if (durable.length != live.length) {
        durable = live.clone();
      } else if (dirtyFrom < dirtyTo) {
        int from = (int) dirtyFrom;
        System.arraycopy(live, from, durable, from, (int) (dirtyTo - dirtyFrom));
      }
      dirtyFrom = Long.MAX_VALUE;
      dirtyTo = 0;
    }
  }

  private Map<String, Content> names = new TreeMap<>();
  private Map<String, Content> durableNames = new TreeMap<>();
  private boolean locked;
  private long writesUntilCut = Long.MAX_VALUE;
  private long capacityBytes = Long.MAX_VALUE;
  private long writes;
  private long reads;
  private @Nullable String unreadableFile;
  private long unreadableAt;
  private long unreadableBytes;
  private @Nullable Path folder;

  /** Writes, forces and name changes so far. */
  synchronized long writes() {
    return writes;
  }

  /** So many more go through, then every call is a power cut. */
  synchronized void cutAfter(long count) {
    writesUntilCut = count;
  }

  /** Reads of these bytes fail from now on, until others are named; none if {@code length} is 0. */
  synchronized void unreadable(String file, long position, long length) {
    unreadableFile = file;
    unreadableAt = position;
    unreadableBytes = length;
  }

  /** Files may grow to this together; more is a full disk. */
  synchronized void capacity(long bytes) {
    capacityBytes = bytes;
  }

  synchronized long usedBytes() {
    return names.values().stream().mapToLong(content -> content.live.length).sum();
  }

  /** A real folder for page stores of other libraries; each copy of the disk copies it. */
  @Override
  public synchronized Path path() {
    Path made = folder;
    if (made == null) {
      made = RealFolders.make();
      folder = made;
    }
    return made;
  }

  private MemoryDisk besideCopyOfFolder() {
    MemoryDisk after = new MemoryDisk();
    after.folder = folder == null ? null : RealFolders.copy(folder);
    return after;
  }

  /** What a power cut leaves: forced bytes under forced names. */
  synchronized MemoryDisk afterPowerLoss() {
    MemoryDisk after = besideCopyOfFolder();
    durableNames.forEach((name, content) -> after.names.put(name, content.copy(true)));
    after.durableNames = new TreeMap<>(after.names);
    return after;
  }

  /** Reads so far. */
  synchronized long reads() {
    return reads;
  }

  /** What the death of the process leaves: all is readable, and as unforced as before. */
  synchronized MemoryDisk afterProcessDeath() {
    MemoryDisk after = besideCopyOfFolder();
    names.forEach((name, content) -> after.names.put(name, content.copy(false)));
    durableNames.forEach(
        (name, content) -> {
          if (names.get(name) == content) {
            after.durableNames.put(name, after.content(name));
          }
        });
    return after;
  }

  synchronized long length(String name) {
    return content(name).live.length;
  }

  synchronized byte[] bytes(String name, long position, int length) {
    return Arrays.copyOfRange(content(name).live, (int) position, (int) position + length);
  }

  /** Makes a file, durable with its name. */
  synchronized void make(String name, byte[] bytes) {
    Content content = new Content();
    content.live = bytes.clone();
    content.durable = bytes.clone();
    names.put(name, content);
    durableNames.put(name, content);
  }

  /** Changes stored bytes behind everyone's back. */
  synchronized void put(String name, long position, byte[] bytes) {
    System.arraycopy(bytes, 0, content(name).live, (int) position, bytes.length);
    System.arraycopy(bytes, 0, content(name).durable, (int) position, bytes.length);
  }

  private Content content(String name) {
    Content content = names.get(name);
    if (content == null) {
      throw new StorageIoException("no file " + name);
    }
    return content;
  }

  private void count() {
    if (writesUntilCut <= 0) {
      throw new PowerCut();
    }
    writesUntilCut--;
    writes++;
  }

  @Override
  public synchronized DiskFile open(String name, Access access, Caching caching) {
    if (access == Access.CREATE) {
      count();
      if (names.putIfAbsent(name, new Content()) != null) {
        throw new StorageIoException(name + " exists");
      }
    }
    return new MemoryFile(name, content(name));
  }

  @Override
  public synchronized boolean exists(String name) {
    return names.containsKey(name);
  }

  @Override
  public synchronized List<String> list() {
    return List.copyOf(names.keySet());
  }

  @Override
  public synchronized void rename(String from, String to) {
    count();
    names.put(to, content(from));
    names.remove(from);
  }

  @Override
  public synchronized void delete(String name) {
    count();
    content(name);
    names.remove(name);
  }

  @Override
  public synchronized void forceDirectory() {
    count();
    durableNames = new TreeMap<>(names);
  }

  @Override
  public synchronized DiskLock lock(String name) {
    if (locked) {
      throw new StoreLockedException("the memory disk is locked");
    }
    locked = true;
    return () -> {
      synchronized (this) {
        locked = false;
      }
    };
  }

  @Override
  public String description() {
    return "memory";
  }

  @Override
  public void close() {}

  private final class MemoryFile implements DiskFile {
    private final String name;
    private final Content content;

    MemoryFile(String name, Content content) {
      this.name = name;
      this.content = content;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long size() {
      synchronized (MemoryDisk.this) {
        return content.live.length;
      }
    }

    @Override
    public int read(ByteBuffer dst, long position) {
      synchronized (MemoryDisk.this) {
        reads++;
        if (name.equals(unreadableFile)
            && position < unreadableAt + unreadableBytes
            && position + dst.remaining() > unreadableAt) {
          throw new StorageIoException("a read of '" + name + "' failed");
        }
        int length = (int) Math.max(0, Math.min(dst.remaining(), content.live.length - position));
        if (length > 0) {
          dst.put(content.live, (int) position, length);
        }
        return length;
      }
    }

    @Override
    public void write(ByteBuffer src, long position) {
      synchronized (MemoryDisk.this) {
        count();
        int end = (int) position + src.remaining();
        if (end > content.live.length) {
          if (usedBytes() + end - content.live.length > capacityBytes) {
            throw new DiskFullException("the memory disk is full");
          }
          content.live = Arrays.copyOf(content.live, end);
        }
        content.dirtyFrom = Math.min(content.dirtyFrom, position);
        content.dirtyTo = Math.max(content.dirtyTo, end);
        src.get(content.live, (int) position, src.remaining());
      }
    }

    @Override
    public void force() {
      synchronized (MemoryDisk.this) {
        count();
        content.force();
      }
    }

    @Override
    public void close() {}
  }
}
