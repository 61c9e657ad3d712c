package dev.redoubt.io;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/**
 * A disk that shows every call to a watcher before it is made, with no latch held: the watcher may
 * count, wait, or throw in the call's place. Thread-safe if watcher and disk are.
 */
public final class WatchedDisk extends ForwardingDisk {
  private final Consumer<MemoryDisk.Call> watcher;

  /** Closing this disk closes {@code disk}. */
  public WatchedDisk(Disk disk, Consumer<MemoryDisk.Call> watcher) {
    super(disk);
    this.watcher = watcher;
  }

  private void show(String kind, String file, long position) {
    watcher.accept(new MemoryDisk.Call(kind, file, position));
  }

  @Override
  public DiskFile open(String name, Access access, Caching caching) {
    show(access == Access.CREATE ? "create" : "open", name, 0);
    return super.open(name, access, caching);
  }

  @Override
  protected DiskFile opened(DiskFile file) {
    return new WatchedFile(file);
  }

  @Override
  public List<String> list() {
    show("list", "", 0);
    return super.list();
  }

  @Override
  public void rename(String from, String to) {
    show("rename", from, 0);
    super.rename(from, to);
  }

  @Override
  public void delete(String name) {
    show("delete", name, 0);
    super.delete(name);
  }

  @Override
  public void forceDirectory() {
    show("forceDirectory", "", 0);
    super.forceDirectory();
  }

  private final class WatchedFile extends ForwardingFile {
    WatchedFile(DiskFile file) {
      super(file);
    }

    @Override
    public long size() {
      show("size", name(), 0);
      return super.size();
    }

    @Override
    public int read(ByteBuffer dst, long position) {
      show("read", name(), position);
      return super.read(dst, position);
    }

    @Override
    public void write(ByteBuffer src, long position) {
      show("write", name(), position);
      super.write(src, position);
    }

    @Override
    public void force() {
      show("force", name(), 0);
      super.force();
    }
  }
}
