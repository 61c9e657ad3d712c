package dev.redoubt.io;

import java.nio.ByteBuffer;

/**
 * A disk behind a {@link HaltGate}: whatever would change stored bytes or names asks the gate
 * first, and a force that fails shuts it (I-9). Reads go on. Thread-safe if the disk is.
 *
 * <p>A force that fails for want of space is left to the caller: it may be a file that is still
 * being made, on which nothing depends.
 */
public final class GatedDisk extends ForwardingDisk {
  private final HaltGate gate;
  private final boolean readOnly;

  /** Closing this disk does not close {@code disk}. */
  public GatedDisk(Disk disk, HaltGate gate) {
    this(disk, gate, false);
  }

  private GatedDisk(Disk disk, HaltGate gate, boolean readOnly) {
    super(disk);
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
          description() + " was opened for inspection: nothing is written");
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
    return super.open(name, access, caching);
  }

  @Override
  protected DiskFile opened(DiskFile file) {
    return new GatedFile(file);
  }

  @Override
  public void rename(String from, String to) {
    checkMayChange();
    super.rename(from, to);
  }

  @Override
  public void delete(String name) {
    checkMayChange();
    super.delete(name);
  }

  @Override
  public void forceDirectory() {
    force(super::forceDirectory);
  }

  @Override
  public DiskLock lock(String name) {
    checkMayChange();
    return super.lock(name);
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

  private final class GatedFile extends ForwardingFile {
    GatedFile(DiskFile file) {
      super(file);
    }

    @Override
    public void write(ByteBuffer src, long position) {
      checkMayChange();
      super.write(src, position);
    }

    @Override
    public void force() {
      GatedDisk.this.force(super::force);
    }
  }
}
