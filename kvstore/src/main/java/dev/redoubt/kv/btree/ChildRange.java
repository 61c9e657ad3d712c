package dev.redoubt.kv.btree;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Says which keys are below a child of an inner node, for those who cannot have them. */
final class ChildRange {
  private ChildRange() {}

  /**
   * The keys of child {@code index} of the node; the node is latched.
   *
   * @param tree what it is called
   */
  static String text(String tree, MemorySegment node, int index) {
    return text(
        tree,
        index == 0 ? Node.lowerFence(node) : Node.key(node, index - 1),
        index == Node.slotCount(node) ? Node.upperFence(node) : Node.key(node, index));
  }

  /**
   * The keys from {@code lower} (empty: from the first) to below {@code upper} (null: to the last).
   */
  static String text(String tree, byte[] lower, byte @Nullable [] upper) {
    return "On it depend the keys of "
        + tree
        + (lower.length == 0 ? " from the first" : " from " + Keys.text(lower))
        + (upper == null ? " to the last." : " to below " + Keys.text(upper) + ".");
  }
}
