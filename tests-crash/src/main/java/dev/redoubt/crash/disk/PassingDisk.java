package dev.redoubt.crash.disk;

import dev.redoubt.io.Disk;
import dev.redoubt.io.DiskFile;
import dev.redoubt.io.DiskLock;
import java.nio.ByteBuffer;
import java.util.List;

/** A door to a disk that passes every call on; for those that watch or change some of them. */
public abstract class PassingDisk implements Disk {
  private final Disk disk;

  /** A door to {@code disk}. */
  protected PassingDisk(Disk disk) {
    this.disk = disk;
  }

  /** What is given to whoever opens {@code file}. */
  protected abstract DiskFile opened(DiskFile file);

  @Override
  public DiskFile open(String name, Access access, Caching caching) {
    return opened(disk.open(name, access, caching));
  }

  @Override
  public boolean exists(String name) {
    return disk.exists(name);
  }

  @Override
  public List<String> list() {
    return disk.list();
  }

  @Override
  public void rename(String from, String to) {
    disk.rename(from, to);
  }

  @Override
  public void delete(String name) {
    disk.delete(name);
  }

  @Override
  public void forceDirectory() {
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

  /** A file that passes every call on. */
  public abstract static class PassingFile implements DiskFile {
    private final DiskFile file;

    /** A door to {@code file}. */
    protected PassingFile(DiskFile file) {
      this.file = file;
    }

    @Override
    public String name() {
      return file.name();
    }

    @Override
    public long size() {
      return file.size();
    }

    @Override
    public int read(ByteBuffer dst, long position) {
      return file.read(dst, position);
    }

    @Override
    public void write(ByteBuffer src, long position) {
      file.write(src, position);
    }

    @Override
    public void force() {
      file.force();
    }

    @Override
    public void close() {
      file.close();
    }
  }
}
