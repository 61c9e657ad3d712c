package dev.redoubt.io;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A disk behind a {@link HaltGate}: whatever would change stored bytes or names asks the gate
 * first, and a force that fails shuts it (I-9). Reads go on. Thread-safe if the disk is.
 *
 * <p>A force that fails for want of space is left to the caller: it may be a file that is still
 * being made, on which nothing depends.
 */
public final class GatedDisk implements Disk {
  private final Disk disk;
  private final HaltGate gate;
  private final boolean readOnly;

  /** Closing this disk does not close {@code disk}. */
  public GatedDisk(Disk disk, HaltGate gate) {
    this(disk, gate, false);
  }

  private GatedDisk(Disk disk, HaltGate gate, boolean readOnly) {
    this.disk = disk;
    this.gate = gate;
    this.readOnly = readOnly;
  }

  /** A disk for inspection: everything but reading is an {@link IllegalStateException}. */
  public static GatedDisk readOnly(Disk disk) {
    return new GatedDisk(disk, new HaltGate(), true);
  }

  private void checkMayChange() {
    if (readOnly) {
      throw new IllegalStateException(
          disk.description() + " was opened for inspection: nothing is written");
    }
    gate.check();
  }

  /** The gate that is asked. */
  public HaltGate gate() {
    return gate;
  }

  @Override
  public DiskFile open(String name, Access access, Caching caching) {
    if (access == Access.CREATE || (readOnly && access == Access.WRITE)) {
      checkMayChange();
    }
    return new GatedFile(disk.open(name, access, caching));
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
    checkMayChange();
    disk.rename(from, to);
  }

  @Override
  public void delete(String name) {
    checkMayChange();
    disk.delete(name);
  }

  @Override
  public void forceDirectory() {
    force(disk::forceDirectory);
  }

  @Override
  public DiskLock lock(String name) {
    checkMayChange();
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
    // The disk belongs to whoever made it.
  }

  private void force(Runnable force) {
    checkMayChange();
    try {
      force.run();
    } catch (DiskFullException e) {
      throw e;
    } catch (Throwable t) {
      // Never retried: the cache may have dropped the bytes and a second force would lie.
      gate.halt(t);
      throw t;
    }
  }

  private final class GatedFile implements DiskFile {
    private final DiskFile file;

    GatedFile(DiskFile file) {
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
      checkMayChange();
      file.write(src, position);
    }

    @Override
    public void force() {
      GatedDisk.this.force(file::force);
    }

    @Override
    public void close() {
      file.close();
    }
  }
}
