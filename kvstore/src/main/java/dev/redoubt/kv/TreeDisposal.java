package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.BTree.Before;
import dev.redoubt.kv.btree.TreePages;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Frees the pages of a dropped tree that nobody can see any more, but for its root, which goes with
 * the entry that says so. Each step is atomic and leaves a sound tree, so that after a crash the
 * next opening goes on. Called by the housekeeper.
 */
final class TreeDisposal {
  private final Engine engine;
  private final TreePages pages;
  private final Catalog catalog;
  private final PendingFree pendingFree;

  TreeDisposal(Engine engine, TreePages pages, Catalog catalog, PendingFree pendingFree) {
    this.engine = engine;
    this.pages = pages;
    this.catalog = catalog;
    this.pendingFree = pendingFree;
  }

  /** At return the tree is a root that refers to nothing, and the catalog knows it no more. */
  void empty(int treeId, long rootPageId) {
    BTree tree = new BTree(engine, pages, treeId, rootPageId);
    byte[] from = new byte[0];
    while (from != null) {
      List<Map.Entry<byte[], byte[]>> chains = new ArrayList<>();
      from =
          tree.visitLeaf(
              from,
              true,
              true,
              (key, cell) -> {
                if (!cell.ghost() && cell.overflow()) {
                  chains.add(Map.entry(key, cell.value()));
                }
                return true;
              });
      if (!chains.isEmpty()) {
        free(tree, chains);
      }
    }
    tree.dismantle(engine.structureSpace());
    catalog.forget(treeId);
  }

  /** The chains of one leaf change hands in one transaction: from their cells to the list. */
  private void free(BTree tree, List<Map.Entry<byte[], byte[]>> chains) {
    List<byte[]> listed = new ArrayList<>();
    Transaction system = engine.begin();
    boolean done = false;
    try {
      for (Map.Entry<byte[], byte[]> each : chains) {
        tree.delete(system, each.getKey(), cell -> Before.AS_IT_IS);
        listed.add(pendingFree.add(system, each.getValue()));
      }
      system.commit();
      done = true;
      system.end();
    } finally {
      if (!done && !engine.log().gate().isHalted()) {
        system.rollback();
      }
    }
    listed.forEach(pendingFree::free);
  }
}
