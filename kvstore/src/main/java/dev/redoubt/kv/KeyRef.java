package dev.redoubt.kv;

import java.util.Arrays;

/** A key of a tree, as a key of hash tables. The bytes are not copied and must not change. */
final class KeyRef {
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

  int treeId() {
    return treeId;
  }

  byte[] key() {
    return key;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeyRef that
        && hash == that.hash
        && treeId == that.treeId
        && Arrays.equals(key, that.key);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return "a key of " + key.length + " bytes in tree " + treeId;
  }
}
