package dev.redoubt.kv;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.TreePages;
import dev.redoubt.recovery.AtomicChange;
import dev.redoubt.recovery.ChangeRoom;
import dev.redoubt.recovery.Engine;
import java.nio.ByteBuffer;

/**
 * Where the trees are that every store has: the catalog and the list of chains pending free.
 *
 * @param catalogRoot root page of the catalog
 * @param pendingRoot root page of the list
 */
record SystemTrees(long catalogRoot, long pendingRoot) {
  static final String ROOT_NAME = "kv";

  /** Reads the entry of the root directory; in a new store makes the trees and the entry. */
  static SystemTrees openOrCreate(Engine engine, TreePages pages) {
    byte[] entry = engine.roots().get(ROOT_NAME);
    if (entry == null) {
      return create(engine, pages);
    }
    ByteBuffer roots = ByteBuffer.wrap(entry);
    return new SystemTrees(roots.getLong(), roots.getLong());
  }

  /** One atomic record makes both trees and the entry: a crash leaves all of them or none. */
  private static SystemTrees create(Engine engine, TreePages pages) {
    SystemTrees trees = new SystemTrees(engine.space().reserve(), engine.space().reserve());
    AtomicChange change = new AtomicChange();
    try (ChangeRoom room = engine.structureSpace().room(1);
        PageGuard catalog = engine.pool().fresh(trees.catalogRoot);
        PageGuard pending = engine.pool().fresh(trees.pendingRoot)) {
      BTree.addCreate(engine, pages, change, catalog, Catalog.CATALOG_TREE_ID);
      BTree.addCreate(engine, pages, change, pending, Catalog.PENDING_TREE_ID);
      engine.roots().addPut(change, ROOT_NAME, trees.encode());
      engine.log().force(engine.change(change, room));
    } finally {
      engine.space().cancel(trees.catalogRoot); // nothing happens once they are allocated
      engine.space().cancel(trees.pendingRoot);
    }
    return trees;
  }

  private byte[] encode() {
    return ByteBuffer.allocate(16).putLong(catalogRoot).putLong(pendingRoot).array();
  }
}
