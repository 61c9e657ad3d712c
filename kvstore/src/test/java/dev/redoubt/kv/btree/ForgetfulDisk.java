package dev.redoubt.kv.btree;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.DiskLock;
import dev.redoubt.io.RealFolders;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.io.StoreLockedException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A disk in memory that loses what was not forced when it crashes. Thread-safe. */
final class ForgetfulDisk implements Disk {
  private static final int BLOCK = 4096;

  private static final class Content {
    final Map<Long, byte[]> blocks = new HashMap<>();
    final Map<Long, byte[]> forced = new HashMap<>();
    final Map<Long, Boolean> unforced = new HashMap<>();
    long size;
    long forcedSize;
  }

  /** Asked before a file is made or grows; throws if it may not. Survives a crash. */
  private volatile Runnable beforeGrowth = () -> {};

  private final TreeMap<String, Content> names = new TreeMap<>();
  private final TreeMap<String, Content> forcedNames = new TreeMap<>();
  private final TreeMap<String, Boolean> locks = new TreeMap<>();

  private @Nullable Path folder;

  void beforeGrowth(Runnable asked) {
    beforeGrowth = asked;
  }

  /** What is left after a power cut; the old disk is not to be used any more. */
  synchronized ForgetfulDisk crash() {
    ForgetfulDisk left = new ForgetfulDisk();
    left.beforeGrowth = beforeGrowth;
    left.folder = folder == null ? null : RealFolders.copy(folder);
    forcedNames.forEach(
        (name, content) -> {
          Content copy = new Content();
          synchronized (content) {
            copy.blocks.putAll(content.forced);
            copy.forced.putAll(content.forced);
            copy.size = content.forcedSize;
            copy.forcedSize = content.forcedSize;
          }
          left.names.put(name, copy);
          left.forcedNames.put(name, copy);
        });
    return left;
  }

  @Override
  public synchronized DiskFile open(String name, Access access, Caching caching) {
    Content content = names.get(name);
    if (access == Access.CREATE) {
      beforeGrowth.run();
      if (content != null) {
        throw new StorageIoException(name + " exists");
      }
      content = new Content();
      names.put(name, content);
    } else if (content == null) {
      throw new StorageIoException("no " + name);
    }
    return new OpenFile(name, content);
  }

  @Override
  public synchronized boolean exists(String name) {
    return names.containsKey(name);
  }

  @Override
  public synchronized List<String> list() {
    return new ArrayList<>(names.keySet());
  }

  @Override
  public synchronized void rename(String from, String to) {
    Content content = names.remove(from);
    if (content == null) {
      throw new StorageIoException("no " + from);
    }
    names.put(to, content);
  }

  @Override
  public synchronized void delete(String name) {
    names.remove(name);
  }

  @Override
  public synchronized void forceDirectory() {
    forcedNames.clear();
    forcedNames.putAll(names);
  }

  @Override
  public synchronized DiskLock lock(String name) {
    if (locks.putIfAbsent(name, true) != null) {
      throw new StoreLockedException(name + " is locked");
    }
    names.computeIfAbsent(name, n -> new Content());
    return () -> {
      synchronized (ForgetfulDisk.this) {
        locks.remove(name);
      }
    };
  }

  /** A real folder for page stores of other libraries; a crash leaves a copy of it. */
  @Override
  public synchronized Path path() {
    Path made = folder;
    if (made == null) {
      made = RealFolders.make();
      folder = made;
    }
    return made;
  }

  @Override
  public String description() {
    return "forgetful disk";
  }

  @Override
  public void close() {}

  private final class OpenFile implements DiskFile {
    private final String name;
    private final Content content;

    OpenFile(String name, Content content) {
      this.name = name;
      this.content = content;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long size() {
      synchronized (content) {
        return content.size;
      }
    }

    @Override
    public int read(ByteBuffer dst, long position) {
      synchronized (content) {
        int count = Math.clamp(content.size - position, 0, dst.remaining());
        int done = 0;
        while (done < count) {
          int offset = (int) ((position + done) % BLOCK);
          int part = Math.min(count - done, BLOCK - offset);
          byte[] block = content.blocks.get((position + done) / BLOCK);
          dst.put(block == null ? new byte[BLOCK] : block, offset, part);
          done += part;
        }
        return count;
      }
    }

    @Override
    public void write(ByteBuffer src, long position) {
      synchronized (content) {
        if (position + src.remaining() > content.size) {
          beforeGrowth.run();
        }
        long at = position;
        while (src.hasRemaining()) {
          int offset = (int) (at % BLOCK);
          int part = Math.min(src.remaining(), BLOCK - offset);
          byte[] old = content.blocks.get(at / BLOCK);
          byte[] block = old == null ? new byte[BLOCK] : old.clone();
          src.get(block, offset, part);
          content.blocks.put(at / BLOCK, block);
          content.unforced.put(at / BLOCK, true);
          at += part;
        }
        content.size = Math.max(content.size, at);
      }
    }

    @Override
    public void force() {
      synchronized (content) {
        content.unforced.keySet().forEach(i -> content.forced.put(i, content.blocks.get(i)));
        content.unforced.clear();
        content.forcedSize = content.size;
      }
    }

    @Override
    public void close() {}
  }
}
