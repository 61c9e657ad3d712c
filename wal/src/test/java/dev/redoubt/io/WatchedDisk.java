package dev.redoubt.io;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/**
 * A disk that shows every call to a watcher before it is made, with no latch held: the watcher may
 * count, wait, or throw in the call's place. Thread-safe if watcher and disk are.
 */
public final class WatchedDisk implements Disk {
  private final Disk disk;
  private final Consumer<MemoryDisk.Call> watcher;

  /** Closing this disk closes {@code disk}. */
  public WatchedDisk(Disk disk, Consumer<MemoryDisk.Call> watcher) {
    this.disk = disk;
    this.watcher = watcher;
  }

  private void show(String kind, String file, long position) {
    watcher.accept(new MemoryDisk.Call(kind, file, position));
  }

  @Override
  public DiskFile open(String name, Access access, Caching caching) {
    show(access == Access.CREATE ? "create" : "open", name, 0);
    return new WatchedFile(disk.open(name, access, caching));
  }

  @Override
  public boolean exists(String name) {
    return disk.exists(name);
  }

  @Override
  public List<String> list() {
    show("list", "", 0);
    return disk.list();
  }

  @Override
  public void rename(String from, String to) {
    show("rename", from, 0);
    disk.rename(from, to);
  }

  @Override
  public void delete(String name) {
    show("delete", name, 0);
    disk.delete(name);
  }

  @Override
  public void forceDirectory() {
    show("forceDirectory", "", 0);
    disk.forceDirectory();
  }

  @Override
  public DiskLock lock(String name) {
    return disk.lock(name);
  }

  @Override
  public String description() {
    return disk.description();
  }

  @Override
  public void close() {
    disk.close();
  }

  private final class WatchedFile implements DiskFile {
    private final DiskFile file;

    WatchedFile(DiskFile file) {
      this.file = file;
    }

    @Override
    public String name() {
      return file.name();
    }

    @Override
    public long size() {
      show("size", name(), 0);
      return file.size();
    }

    @Override
    public int read(ByteBuffer dst, long position) {
      show("read", name(), position);
      return file.read(dst, position);
    }

    @Override
    public void write(ByteBuffer src, long position) {
      show("write", name(), position);
      file.write(src, position);
    }

    @Override
    public void force() {
      show("force", name(), 0);
      file.force();
    }

    @Override
    public void close() {
      file.close();
    }
  }
}
