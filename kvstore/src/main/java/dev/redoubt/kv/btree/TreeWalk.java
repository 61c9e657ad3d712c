package dev.redoubt.kv.btree;

/** Goes through all cells of a tree, ghosts too. Stateless. */
public final class TreeWalk {
  private TreeWalk() {}

  /**
   * Visits the cells in the order of their keys, each leaf under its shared latch; between leaves
   * nothing is held, so that what others change meanwhile may be met or not.
   *
   * @param visitor ends the walk by returning false
   * @throws dev.redoubt.io.CorruptionException if a page on the way is damaged
   */
  public static void visit(BTree tree, BTree.EntryVisitor visitor) {
    byte[] from = new byte[0];
    while (from != null) {
      from = tree.visitLeaf(from, true, true, visitor);
    }
  }
}
