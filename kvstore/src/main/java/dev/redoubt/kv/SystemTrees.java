package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.TreePages;
import dev.redoubt.recovery.AtomicChange;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.Transaction;
import java.nio.ByteBuffer;

/**
 * Where the trees are that every store has: the catalog and the list of chains pending free.
 *
 * @param catalogRoot root page of the catalog
 * @param pendingRoot root page of the list
 */
record SystemTrees(long catalogRoot, long pendingRoot) {
  private static final String ROOT_NAME = "kv";

  /** Reads the entry of the root directory; in a new store makes the trees and the entry. */
  static SystemTrees openOrCreate(Engine engine, TreePages pages) {
    byte[] entry = engine.roots().get(ROOT_NAME);
    if (entry == null) {
      return create(engine, pages);
    }
    ByteBuffer roots = ByteBuffer.wrap(entry);
    return new SystemTrees(roots.getLong(), roots.getLong());
  }

  private static SystemTrees create(Engine engine, TreePages pages) {
    Transaction system = engine.begin();
    SystemTrees trees =
        new SystemTrees(
            BTree.create(engine, pages, system, Catalog.CATALOG_TREE_ID),
            BTree.create(engine, pages, system, Catalog.PENDING_TREE_ID));
    byte[] entry =
        ByteBuffer.allocate(16).putLong(trees.catalogRoot).putLong(trees.pendingRoot).array();
    AtomicChange change = new AtomicChange();
    engine.roots().addPut(change, ROOT_NAME, entry);
    engine.change(change);
    engine.log().force(system.commit());
    system.end();
    return trees;
  }
}
