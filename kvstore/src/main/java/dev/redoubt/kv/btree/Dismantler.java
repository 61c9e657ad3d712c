package dev.redoubt.kv.btree;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.kv.btree.Descent.Route;
import dev.redoubt.recovery.ChangeRoom;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.StructureSpace;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Frees the pages of a tree that is no longer in use, a leaf a step. Each step is one atomic record
 * that leaves a sound tree with a leaf less, so that after a crash the next attempt goes on where
 * this one was. Confined to one thread; nobody else uses the tree.
 */
final class Dismantler {
  private static final byte[] LOWEST = new byte[0];

  private final Engine engine;
  private final TreePages pages;
  private final Descent descent;
  private final int treeId;
  private final StructureSpace space;

  Dismantler(Engine engine, TreePages pages, Descent descent, int treeId, StructureSpace space) {
    this.space = space;
    this.engine = engine;
    this.pages = pages;
    this.descent = descent;
    this.treeId = treeId;
  }

  /**
   * Frees the last leaf and the nodes that lead to it alone; returns false if only the root is
   * left.
   */
  boolean step() {
    int level = rootLevel();
    if (level == 0) {
      return false;
    }
    int holder = level;
    List<Long> chain = new ArrayList<>();
    for (int at = level; at > 0; at--) {
      try (PageGuard node = lastAt(at, false)) {
        MemorySegment page = node.page();
        if (Node.slotCount(page) > 0) {
          holder = at;
          chain.clear();
        }
        chain.add(Node.child(page, Node.slotCount(page)));
      }
    }
    space.awaitRoom(1);
    try (ChangeRoom room = space.room(1)) {
      cut(holder, chain, room);
    }
    return true;
  }

  private void cut(int holder, List<Long> chain, ChangeRoom room) {
    Scratch scratch = pages.take();
    try (PageGuard node = lastAt(holder, true)) {
      int count = Node.slotCount(node.page());
      scratch.reset();
      BodyWriter body = scratch.body();
      if (count > 0) {
        NodeBodies.remove(body, count - 1);
      } else {
        NodeBodies.format(body, treeId, 0, LOWEST, null, 0);
        NodeBodies.noCells(body);
      }
      scratch.on(node);
      for (long each : chain) {
        engine.space().addFree(scratch.change(), each);
      }
      engine.change(scratch.change(), room);
    } finally {
      pages.give(scratch);
    }
  }

  private int rootLevel() {
    try (PageGuard root = descent.root(false)) {
      return Node.level(root.page());
    }
  }

  private PageGuard lastAt(int level, boolean exclusive) {
    PageGuard node = descent.node(Route.LAST, LOWEST, level, exclusive);
    if (node == null) {
      throw new IllegalStateException("the tree is in use");
    }
    return node;
  }
}
