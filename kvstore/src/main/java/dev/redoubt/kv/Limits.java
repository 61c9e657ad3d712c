package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;

/**
 * How long keys and values may be.
 *
 * @param maxValueBytes of one value
 */
record Limits(int maxValueBytes) {
  /** A quarter of the cap of the retained log (store rule 15). */
  static Limits under(long maxWalBytes) {
    return new Limits(Math.clamp(maxWalBytes / 4, 0, Integer.MAX_VALUE));
  }

  /**
   * @throws TooLargeException naming the length and the limit
   */
  void check(BTree tree, byte[] key, long valueBytes) {
    if (key.length > tree.maxKeyBytes()) {
      throw new TooLargeException(
          "the key is "
              + key.length
              + " bytes long; this store takes keys up to "
              + tree.maxKeyBytes()
              + " bytes (about a quarter of a page)");
    }
    if (valueBytes > maxValueBytes) {
      throw new TooLargeException(
          "the value is "
              + valueBytes
              + " bytes long; this store takes values up to "
              + maxValueBytes
              + " bytes, a quarter of maxWalBytes: put it in parts, or raise that");
    }
  }
}
