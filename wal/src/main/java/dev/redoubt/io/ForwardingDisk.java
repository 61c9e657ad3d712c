package dev.redoubt.io;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A disk that passes every call on to another one; for those that watch, change or refuse some of
 * them. As thread-safe as the disk behind it.
 */
public abstract class ForwardingDisk implements Disk {
  private final Disk disk;

  /** A door to {@code disk}, which is closed with it unless {@link #close} is overridden. */
  protected ForwardingDisk(Disk disk) {
    this.disk = disk;
  }

  /** What is given to whoever opens {@code file}, mostly a {@link ForwardingFile} to it. */
  protected DiskFile opened(DiskFile file) {
    return file;
  }

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
  public DiskLock lockShared(String name) {
    return disk.lockShared(name);
  }

  @Override
  public @Nullable Path path() {
    return disk.path();
  }

  @Override
  public String description() {
    return disk.description();
  }

  @Override
  public void close() {
    disk.close();
  }
}
