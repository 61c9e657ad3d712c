package dev.redoubt.kv.btree;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Tells which key an update changed without reading more of its record than that: the root of its
 * tree, and a number of 64 bits that equal keys of one tree have in common, and others hardly ever.
 * {@link LeafBefore} reads the same records in full. Confined to one thread.
 */
public final class ChangedKey {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private long root;
  private long number;

  /** A reader that has read nothing. */
  public ChangedKey() {}

  /**
   * Reads the body of an update's change of a tree page.
   *
   * @return false if it changed no key: it made a tree or a page of an overflow chain
   */
  public boolean read(MemorySegment body) {
    BodyReader in = new BodyReader(body);
    switch (in.getByte()) {
      case NodeBodies.INSERT -> {
        in.getSlot();
        in.getByte();
        int length = in.getCount();
        long key = in.skip(length);
        in.skip(in.getCount());
        found(in.getVarint(), body, key, length);
      }
      case NodeBodies.REPLACE -> {
        in.getSlot();
        in.getByte();
        in.skip(in.getCount());
        in.getByte();
        rootAndKey(in, body);
      }
      case NodeBodies.FLAGS -> {
        in.getSlot();
        in.getByte();
        rootAndKey(in, body);
      }
      case NodeBodies.ADD -> {
        in.getSlot();
        in.getLong();
        rootAndKey(in, body);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void rootAndKey(BodyReader in, MemorySegment body) {
    long treeRoot = in.getVarint();
    int length = in.getCount();
    found(treeRoot, body, in.skip(length), length);
  }

  private void found(long treeRoot, MemorySegment bytes, long from, int length) {
    root = treeRoot;
    number = number(treeRoot, bytes, from, length);
  }

  /** Root page of the tree whose key was changed. */
  public long root() {
    return root;
  }

  /** The number of the key; never 0. */
  public long number() {
    return number;
  }

  /** The number of a key of the tree with that root page; never 0. */
  public static long number(long root, byte[] key) {
    return number(root, MemorySegment.ofArray(key), 0, key.length);
  }

  private static long number(long root, MemorySegment bytes, long from, int length) {
    long hash = (root + length) * MULTIPLIER;
    int at = 0;
    for (; at <= length - 8; at += 8) {
      hash = mixed(hash ^ bytes.get(LONG, from + at));
    }
    long rest = 0;
    for (; at < length; at++) {
      rest = rest << 8 | (bytes.get(ValueLayout.JAVA_BYTE, from + at) & 0xff);
    }
    hash = mixed(hash ^ rest);
    return hash == 0 ? 1 : hash;
  }

  /** Every bit of the result depends on every bit of the word (the finalizer of MurmurHash3). */
  private static long mixed(long word) {
    long mixed = (word ^ (word >>> 33)) * 0xFF51AFD7ED558CCDL;
    mixed = (mixed ^ (mixed >>> 33)) * 0xC4CEB9FE1A85EC53L;
    return mixed ^ (mixed >>> 33);
  }
}
