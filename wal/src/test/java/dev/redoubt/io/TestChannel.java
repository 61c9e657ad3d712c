package dev.redoubt.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A channel in front of another, which decides how much of each transfer is made. */
final class TestChannel extends FileChannel {
  /** What happens at a call. */
  @FunctionalInterface
  interface Script {
    /**
     * Bytes of the transfer that are made, at most {@code wanted}; or it throws.
     *
     * @param kind {@code read}, {@code write} or {@code force}
     */
    int allow(String kind, FileChannel channel, long position, int wanted) throws IOException;
  }

  private final FileChannel channel;
  private final Script script;

  TestChannel(FileChannel channel, Script script) {
    this.channel = channel;
    this.script = script;
  }

  @Override
  public int read(ByteBuffer dst, long position) throws IOException {
    int wanted = dst.remaining();
    int allowed = script.allow("read", channel, position, wanted);
    if (allowed == wanted) {
      return channel.read(dst, position);
    }
    ByteBuffer part = ByteBuffer.allocate(allowed);
    int n = channel.read(part, position);
    dst.put(part.flip());
    return n;
  }

  @Override
  public int write(ByteBuffer src, long position) throws IOException {
    int wanted = src.remaining();
    int allowed = script.allow("write", channel, position, wanted);
    if (allowed == wanted) {
      return channel.write(src, position);
    }
    ByteBuffer part = src.slice(src.position(), allowed);
    int n = channel.write(part, position);
    src.position(src.position() + n);
    return n;
  }

  @Override
  public void force(boolean metaData) throws IOException {
    script.allow("force", channel, 0, 0);
    channel.force(metaData);
  }

  @Override
  public long size() throws IOException {
    return channel.size();
  }

  @Override
  protected void implCloseChannel() throws IOException {
    channel.close();
  }

  private static UnsupportedOperationException unused() {
    return new UnsupportedOperationException("the engine does not use this");
  }

  @Override
  public int read(ByteBuffer dst) {
    throw unused();
  }

  @Override
  public long read(ByteBuffer[] dsts, int offset, int length) {
    throw unused();
  }

  @Override
  public int write(ByteBuffer src) {
    throw unused();
  }

  @Override
  public long write(ByteBuffer[] srcs, int offset, int length) {
    throw unused();
  }

  @Override
  public long position() {
    throw unused();
  }

  @Override
  public FileChannel position(long newPosition) {
    throw unused();
  }

  @Override
  public FileChannel truncate(long size) {
    throw unused();
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) {
    throw unused();
  }

  @Override
  public long transferFrom(ReadableByteChannel src, long position, long count) {
    throw unused();
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) {
    throw unused();
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) {
    throw unused();
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) {
    throw unused();
  }
}
