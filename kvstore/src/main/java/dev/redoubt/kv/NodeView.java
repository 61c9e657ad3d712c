package dev.redoubt.kv;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a tree for people. Keys are shown as text where they are printable ASCII, else in
 * hexadecimal, and shortened.
 *
 * @param level 0 for a leaf
 * @param lowerFence no key of the node is below; null for no bound
 * @param upperFence every key of the node is below; null for no bound
 * @param prefixBytes bytes that all keys share and that are left out of the cells
 * @param freeBytes room for more
 * @param leftChild page below the first slot; 0 in a leaf
 * @param slots in the order of their keys
 */
public record NodeView(
    int level,
    @Nullable String lowerFence,
    @Nullable String upperFence,
    int prefixBytes,
    int freeBytes,
    long leftChild,
    List<Slot> slots) {

  /**
   * A slot.
   *
   * @param key the whole key
   * @param ghost whether the key has been deleted
   * @param overflow whether the value lies in pages of its own
   * @param valueBytes length of the value; 0 in an inner node
   * @param child page at and above the key; 0 in a leaf
   */
  public record Slot(String key, boolean ghost, boolean overflow, long valueBytes, long child) {}
}
