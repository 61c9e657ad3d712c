package dev.redoubt.crash.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Contents of a file: a map from block index to block, and a length. Copied in constant time; the
 * map is cloned by the first change after a copy. Guarded by the disk that owns it.
 */
final class Blocks {
  private @Nullable Block[] map;
  private boolean shared;
  private long size;
  private long print;

  private Blocks(@Nullable Block[] map, boolean shared, long size) {
    this.map = map;
    this.shared = shared;
    this.size = size;
  }

  static Blocks empty() {
    return new Blocks(new Block[4], false, 0);
  }

  Blocks copy() {
    shared = true;
    Blocks copy = new Blocks(map, true, size);
    copy.print = print;
    return copy;
  }

  long size() {
    return size;
  }

  /** Makes the file at least {@code bytes} long. */
  void grow(long bytes) {
    if (bytes > size) {
      size = bytes;
      print = 0;
    }
  }

  boolean isAllocated(int index) {
    return index < map.length && map[index] != null;
  }

  int allocatedBlocks() {
    int count = 0;
    for (Block block : map) {
      count += block == null ? 0 : 1;
    }
    return count;
  }

  Block block(int index) {
    Block block = index < map.length ? map[index] : null;
    return block == null ? Block.ZERO : block;
  }

  /** Puts bytes {@code [from, to)} of {@code content} over those of the block. */
  void patch(int index, Block content, int from, int to) {
    Block patched = block(index).with(content, from, to);
    if (index >= map.length) {
      map = Arrays.copyOf(map, Math.max(index + 1, map.length * 2));
      shared = false;
    } else if (shared) {
      map = map.clone();
      shared = false;
    }
    map[index] = patched;
    print = 0;
  }

  int read(ByteBuffer dst, long position) {
    int length = (int) Math.min(dst.remaining(), Math.max(0, size - position));
    long at = position;
    int left = length;
    while (left > 0) {
      int within = (int) (at % Block.BYTES);
      int count = Math.min(left, Block.BYTES - within);
      dst.put(block((int) (at / Block.BYTES)).bytes(), within, count);
      at += count;
      left -= count;
    }
    return length;
  }

  /** Equal for equal length and bytes. Kept until the next change. */
  long fingerprint() {
    if (print != 0) {
      return print;
    }
    long sum = size * 0x9E3779B97F4A7C15L;
    for (int i = 0; i < map.length; i++) {
      Block block = map[i];
      if (block != null && block != Block.ZERO) {
        sum += mix(block.hash() + i);
      }
    }
    print = mix(sum) | 1;
    return print;
  }

  static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
