package dev.redoubt.buffer;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.DiskLock;
import dev.redoubt.io.StorageIoException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** A disk in memory that knows what was forced, and can be cut off in the middle of a write. */
final class MemoryDisk implements Disk {
  static final int SECTOR_BYTES = 512;

  /** Power was cut. */
  static final class PowerCut extends Error {
    private static final long serialVersionUID = 1L;
  }

  private static final class Content {
    final Blocks live;
    final Blocks durable;

    Content(Blocks live, Blocks durable) {
      this.live = new Blocks(live);
      this.durable = new Blocks(durable);
    }
  }

  /** Bytes that were written and not forced; long runs of zeros are not kept. */
  private static final class Write {
    final String name;
    final long position;
    final int length;
    final byte[] bytes;

    Write(String name, long position, int length, byte[] bytes) {
      this.name = name;
      this.position = position;
      this.length = length;
      this.bytes = bytes;
    }
  }

  private final Map<String, Content> files = new TreeMap<>();
  private final List<Write> unforced = new ArrayList<>();
  private int writesUntilCut = Integer.MAX_VALUE;

  /** Told of each call, kind and file name, before it is carried out; may throw. */
  BiConsumer<String, String> listener = (kind, name) -> {};

  /** The next {@code writes} writes and forces go through, the one after throws PowerCut. */
  synchronized void cutAfter(int writes) {
    writesUntilCut = writes;
  }

  /** What is found after a power cut: forced bytes and nothing else. */
  synchronized MemoryDisk afterPowerCut() {
    return afterPowerCut(0, 0);
  }

  synchronized int unforcedWrites() {
    return unforced.size();
  }

  synchronized int sectorsOfUnforced(int index) {
    return unforced.get(index).length / SECTOR_BYTES;
  }

  /** The same with the first {@code whole} unforced writes, and the first sectors of the next. */
  synchronized MemoryDisk afterPowerCut(int whole, int sectors) {
    return afterPowerCut(0, whole, sectors);
  }

  /** The same without the first {@code lost} writes: the disk had put them off. */
  synchronized MemoryDisk afterPowerCut(int lost, int whole, int sectors) {
    MemoryDisk after = new MemoryDisk();
    Map<String, Blocks> found = new TreeMap<>();
    files.forEach((name, content) -> found.put(name, new Blocks(content.durable)));
    for (int i = lost; i < whole; i++) {
      Write write = unforced.get(i);
      blocks(found, write.name).write(write.position, Arrays.copyOf(write.bytes, write.length));
    }
    if (sectors > 0) {
      Write torn = unforced.get(whole);
      blocks(found, torn.name)
          .write(torn.position, Arrays.copyOf(torn.bytes, sectors * SECTOR_BYTES));
    }
    found.forEach((name, blocks) -> after.files.put(name, new Content(blocks, blocks)));
    return after;
  }

  private static Blocks blocks(Map<String, Blocks> found, String name) {
    return found.computeIfAbsent(name, n -> new Blocks());
  }

  /** What is found after the death of the process: everything readable, unforced still unforced. */
  synchronized MemoryDisk afterProcessDeath() {
    MemoryDisk after = new MemoryDisk();
    files.forEach(
        (name, content) -> after.files.put(name, new Content(content.live, content.durable)));
    after.unforced.addAll(unforced);
    return after;
  }

  /** Changes stored bytes behind everyone's back. */
  synchronized void damage(String name, long position, byte[] bytes) {
    content(name).live.write(position, bytes);
    content(name).durable.write(position, bytes);
  }

  synchronized void truncate(String name, int length) {
    content(name).live.setSize(length);
    content(name).durable.setSize(length);
  }

  synchronized byte[] bytes(String name, long position, int length) {
    return content(name).live.read(position, length);
  }

  synchronized byte[] bytes(String name) {
    return content(name).live.read(0, Math.toIntExact(content(name).live.size()));
  }

  private Content content(String name) {
    Content content = files.get(name);
    if (content == null) {
      throw new StorageIoException("no file " + name);
    }
    return content;
  }

  private void count(String kind, String name) {
    listener.accept(kind, name);
    synchronized (this) {
      if (writesUntilCut-- <= 0) {
        throw new PowerCut();
      }
    }
  }

  @Override
  public DiskFile open(String name, Access access, Caching caching) {
    synchronized (this) {
      if (access == Access.CREATE) {
        if (files.putIfAbsent(name, new Content(new Blocks(), new Blocks())) != null) {
          throw new StorageIoException(name + " exists");
        }
      } else {
        content(name);
      }
    }
    return new MemoryFile(name);
  }

  @Override
  public synchronized boolean exists(String name) {
    return files.containsKey(name);
  }

  @Override
  public synchronized List<String> list() {
    return List.copyOf(files.keySet());
  }

  @Override
  public synchronized void rename(String from, String to) {
    files.put(to, content(from));
    files.remove(from);
  }

  @Override
  public synchronized void delete(String name) {
    content(name);
    files.remove(name);
  }

  @Override
  public void forceDirectory() {
    count("forceDirectory", "");
  }

  @Override
  public DiskLock lock(String name) {
    return () -> {};
  }

  @Override
  public String description() {
    return "memory";
  }

  @Override
  public void close() {}

  private final class MemoryFile implements DiskFile {
    private final String name;

    MemoryFile(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long size() {
      synchronized (MemoryDisk.this) {
        return content(name).live.size();
      }
    }

    @Override
    public int read(ByteBuffer dst, long position) {
      listener.accept("read", name);
      synchronized (MemoryDisk.this) {
        byte[] found = content(name).live.read(position, dst.remaining());
        dst.put(found);
        return found.length;
      }
    }

    @Override
    public void write(ByteBuffer src, long position) {
      byte[] bytes = new byte[src.remaining()];
      src.get(bytes);
      int kept = bytes.length;
      while (kept > 0 && bytes[kept - 1] == 0) {
        kept--;
      }
      synchronized (MemoryDisk.this) {
        // The write that is cut off may have reached the disk in part: it counts as unforced.
        unforced.add(new Write(name, position, bytes.length, Arrays.copyOf(bytes, kept)));
      }
      count("write", name);
      synchronized (MemoryDisk.this) {
        content(name).live.write(position, bytes);
      }
    }

    @Override
    public void force() {
      count("force", name);
      synchronized (MemoryDisk.this) {
        Content content = content(name);
        for (Write write : unforced) {
          if (write.name.equals(name)) {
            content.durable.take(content.live, write.position, write.position + write.length);
          }
        }
        unforced.removeIf(write -> write.name.equals(name));
      }
    }

    @Override
    public void close() {}
  }
}
