package dev.redoubt.kv;

import java.util.Arrays;

/** A key of a tree, as a key of hash tables. The bytes are not copied and must not change. */
@SuppressWarnings("ArrayRecordComponent") // compared by content, below
record KeyRef(int treeId, byte[] key) {
  @Override
  public boolean equals(Object other) {
    return other instanceof KeyRef that && treeId == that.treeId && Arrays.equals(key, that.key);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(key) + treeId;
  }
}
