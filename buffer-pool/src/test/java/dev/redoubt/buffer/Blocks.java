package dev.redoubt.buffer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Bytes of a file in blocks that are never changed, so that copies cost nothing. */
final class Blocks {
  private static final int BLOCK = 4096;
  private static final byte[] ZEROS = new byte[0];

  /** Without their trailing zeros. */
  private final List<byte[]> blocks = new ArrayList<>();

  private long size;

  Blocks() {}

  Blocks(Blocks other) {
    blocks.addAll(other.blocks);
    size = other.size;
  }

  long size() {
    return size;
  }

  void setSize(long newSize) {
    size = newSize;
    while ((long) blocks.size() * BLOCK > newSize + BLOCK - 1) {
      blocks.removeLast();
    }
  }

  /** Makes this equal to {@code newer}, given the ranges in which they may differ. */
  void take(Blocks newer, long from, long to) {
    size = Math.max(size, Math.min(newer.size, to));
    for (long at = from / BLOCK * BLOCK; at < to; at += BLOCK) {
      setBlock((int) (at / BLOCK), newer.block((int) (at / BLOCK)));
    }
  }

  void write(long position, byte[] bytes) {
    size = Math.max(size, position + bytes.length);
    int done = 0;
    while (done < bytes.length) {
      long at = position + done;
      int offset = (int) (at % BLOCK);
      int length = Math.min(bytes.length - done, BLOCK - offset);
      byte[] block = Arrays.copyOf(block((int) (at / BLOCK)), BLOCK);
      System.arraycopy(bytes, done, block, offset, length);
      setBlock((int) (at / BLOCK), trimmed(block));
      done += length;
    }
  }

  byte[] read(long position, int length) {
    byte[] bytes = new byte[Math.clamp(size - position, 0, length)];
    int done = 0;
    while (done < bytes.length) {
      long at = position + done;
      int offset = (int) (at % BLOCK);
      int part = Math.min(bytes.length - done, BLOCK - offset);
      byte[] block = block((int) (at / BLOCK));
      int stored = Math.clamp(block.length - offset, 0, part);
      System.arraycopy(block, Math.min(offset, block.length), bytes, done, stored);
      done += part;
    }
    return bytes;
  }

  private byte[] block(int index) {
    return index < blocks.size() ? blocks.get(index) : ZEROS;
  }

  private void setBlock(int index, byte[] block) {
    while (blocks.size() <= index) {
      blocks.add(ZEROS);
    }
    blocks.set(index, block);
  }

  private static byte[] trimmed(byte[] block) {
    int length = block.length;
    while (length > 0 && block[length - 1] == 0) {
      length--;
    }
    return length == 0 ? ZEROS : Arrays.copyOf(block, length);
  }
}
