package dev.redoubt.kv;

import java.util.Arrays;

/** A key of a tree. The bytes are not copied and must not change. */
sealed class KeyRef permits Version {
  private final int treeId;
  private final byte[] key;
  private final int hash;

  KeyRef(int treeId, byte[] key) {
    this.treeId = treeId;
    this.key = key;
    this.hash = hash(treeId, key);
  }

  static int hash(int treeId, byte[] key) {
    return hash(treeId, Arrays.hashCode(key));
  }

  /** The same, given {@link Arrays#hashCode(byte[])} of the key. */
  static int hash(int treeId, int keyHash) {
    return 31 * keyHash + treeId;
  }

  final int treeId() {
    return treeId;
  }

  final byte[] key() {
    return key;
  }

  /** Of tree and key. */
  final int hash() {
    return hash;
  }

  /** Whether it is that key, whose hash is given. */
  final boolean is(int otherTree, byte[] otherKey, int otherHash) {
    return hash == otherHash && treeId == otherTree && Arrays.equals(key, otherKey);
  }

  final boolean is(KeyRef other) {
    return is(other.treeId, other.key, other.hash);
  }

  /** The key alone: who keeps it does not keep a version. */
  final KeyRef alone() {
    return new KeyRef(treeId, key);
  }

  @Override
  public String toString() {
    return "a key of " + key.length + " bytes in tree " + treeId;
  }
}
