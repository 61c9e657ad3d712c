package dev.redoubt.io;

import java.nio.ByteBuffer;

/** A file that passes every call on to another one: what a {@link ForwardingDisk} opens. */
public abstract class ForwardingFile implements DiskFile {
  private final DiskFile file;

  /** A door to {@code file}, which is closed with it. */
  protected ForwardingFile(DiskFile file) {
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
