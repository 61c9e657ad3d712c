package dev.redoubt.kv.btree;

import static dev.redoubt.kv.btree.NodeLayout.*;

import java.lang.foreign.MemorySegment;

/**
 * What room is wanted for: a cell in the leaf of {@code key}, or above the leaves a separator.
 *
 * @param key leads to the node
 * @param valueLength bytes of the value in the leaf
 * @param separatorLength bytes of the separator; not used in a leaf
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Newcomer(byte[] key, int valueLength, int separatorLength) {
  static Newcomer inLeaf(byte[] key, int valueLength) {
    return new Newcomer(key, valueLength, 0);
  }

  Newcomer separator(int lengthBytes) {
    return new Newcomer(key, valueLength, lengthBytes);
  }

  boolean fits(MemorySegment node) {
    if (Node.level(node) > 0) {
      return Node.roomForInsert(node, separatorLength, CHILD_BYTES);
    }
    return fits(node, Node.search(node, key), key.length, valueLength);
  }

  /** Whether a leaf has room for a cell at the slot where {@link Node#search} finds its key. */
  static boolean fits(MemorySegment leaf, int slot, int keyLength, int valueLength) {
    return slot >= 0
        ? Node.roomForReplace(leaf, slot, valueLength)
        : Node.roomForInsert(leaf, keyLength, valueLength);
  }

  /** Bytes that it adds to a leaf, slot included. */
  int leafBytes(MemorySegment leaf) {
    return SLOT_BYTES + CELL_SUFFIX + key.length - Node.prefixLength(leaf) + valueLength;
  }
}
