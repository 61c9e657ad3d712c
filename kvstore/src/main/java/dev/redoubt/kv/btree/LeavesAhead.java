package dev.redoubt.kv.btree;

import org.jspecify.annotations.Nullable;

/**
 * A scan's look ahead: from its third leaf on it has the pool bring in those that come next, more
 * of them the longer the scan is. Which they are stands in the node above the leaves. Confined to
 * one thread at a time; holds nothing between calls.
 */
public final class LeavesAhead {
  /** A range of a leaf or two asks for nothing that it may not need. */
  private static final int LEAVES_WITHOUT = 2;

  private static final int FEWEST = 4;

  /** Two reads of 256 KiB at the usual page size. */
  private static final int MOST = 64;

  private final BTree tree;
  private final boolean ascending;
  private int visited;
  private int askAt = LEAVES_WITHOUT;
  private int ahead = FEWEST;

  /** A scan that has visited nothing yet. */
  public LeavesAhead(BTree tree, boolean ascending) {
    this.tree = tree;
    this.ascending = ascending;
  }

  /** Called before each leaf with where the scan stands, a fence; null for an end of the tree. */
  public void beforeLeaf(byte @Nullable [] position) {
    if (visited == askAt && position != null) {
      int coming = tree.readAhead(position, ascending, ahead);
      askAt = visited + Math.max(1, coming / 2);
      ahead = Math.min(MOST, ahead * 2);
    }
    visited++;
  }
}
