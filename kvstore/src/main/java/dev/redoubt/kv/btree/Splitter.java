package dev.redoubt.kv.btree;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.PageGuard;
import dev.redoubt.kv.btree.Descent.Route;
import dev.redoubt.recovery.ChangeRoom;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.StructureSpace;
import java.lang.foreign.MemorySegment;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Makes room by splits, each one atomic record {left, right, parent, space map} (rule 14). Called
 * with no latch held. A node that must split while its parent lacks room for the separator lets go
 * of everything, has the parent split first, and looks again. Thread-safe.
 *
 * <p>Log space and the new page are reserved, and the page is latched, before anything else: nobody
 * knows it, so its place in the order of latches is free, and neither space nor a frame can run out
 * with the path latched.
 */
final class Splitter {
  /** Outcomes of an attempt; any other is the length of the separator the parent lacks room for. */
  private static final int SPLIT = -1;

  private static final int GROWN = -2;
  private static final int HAD_ROOM = -3;
  private static final int GROWN_BY_OTHERS = -4;

  private final Engine engine;
  private final BufferPool pool;
  private final TreePages pages;
  private final Descent descent;
  private final int treeId;

  Splitter(Engine engine, TreePages pages, Descent descent, int treeId) {
    this.engine = engine;
    this.pool = engine.pool();
    this.pages = pages;
    this.descent = descent;
    this.treeId = treeId;
  }

  /**
   * Splits the leaf of the key once if it lacks room for the cell; the caller looks again.
   *
   * @param space forward or undo's
   */
  void makeRoom(byte[] key, int valueLength, StructureSpace space) {
    makeRoom(Newcomer.inLeaf(key, valueLength), 0, space);
  }

  /** The same for the node above the leaves and a separator that goes there. */
  void makeRoomAbove(byte[] separator, StructureSpace space) {
    makeRoom(Newcomer.inLeaf(separator, 0).separator(separator.length), 1, space);
  }

  private void makeRoom(Newcomer newcomer, int level, StructureSpace space) {
    int outcome = attempt(newcomer, level, space);
    while (outcome != SPLIT && outcome != HAD_ROOM) {
      if (outcome >= 0) {
        makeRoom(newcomer.separator(outcome), level + 1, space);
      }
      outcome = attempt(newcomer, level, space);
    }
  }

  private int attempt(Newcomer newcomer, int level, StructureSpace space) {
    @Nullable NodeSplitEvent event =
        FlightRecorder.isInitialized() ? NodeSplitEvent.beginIfOn() : null;
    long newPage = space.reservePage();
    int outcome = HAD_ROOM;
    Scratch scratch = pages.take();
    try (ChangeRoom room = space.room(1);
        PageGuard fresh = pool.fresh(newPage)) {
      outcome = attempt(newcomer, level, fresh, scratch, room);
    } finally {
      pages.give(scratch);
      if (outcome != SPLIT && outcome != GROWN) {
        engine.space().cancel(newPage);
      }
    }
    if (event != null && (outcome == SPLIT || outcome == GROWN)) {
      NodeSplitEvent.end(event, treeId, level, newPage, outcome == GROWN);
    }
    return outcome;
  }

  private int attempt(
      Newcomer newcomer, int level, PageGuard fresh, Scratch scratch, ChangeRoom room) {
    PageGuard parent = descent.node(Route.AT, newcomer.key(), level + 1, true);
    if (parent == null) {
      return growRoot(newcomer, level, fresh, scratch, room);
    }
    try (parent) {
      int index = Node.childIndex(parent.page(), newcomer.key());
      try (PageGuard left = descent.latch(Node.child(parent.page(), index), level, true)) {
        MemorySegment page = left.page();
        if (newcomer.fits(page)) {
          return HAD_ROOM;
        }
        SplitPoint point =
            level == 0 ? SplitPoint.ofLeaf(page, newcomer) : SplitPoint.ofInner(page, newcomer);
        int separatorLength = point.separator().length;
        if (!Node.roomForInsert(parent.page(), separatorLength, NodeLayout.CHILD_BYTES)) {
          return separatorLength;
        }
        split(left, fresh, parent, index, point, scratch, room);
        return SPLIT;
      }
    }
  }

  private void split(
      PageGuard left,
      PageGuard right,
      PageGuard parent,
      int index,
      SplitPoint point,
      Scratch scratch,
      ChangeRoom room) {
    MemorySegment page = left.page();
    boolean leaf = Node.level(page) == 0;
    byte[] separator = point.separator();
    byte[] upper = Node.upperFence(page);
    long leftChild = leaf ? 0 : Node.child(page, point.slot() + 1);
    scratch.reset();
    BodyWriter image = scratch.body();
    NodeBodies.format(image, treeId, Node.level(page), separator, upper, leftChild);
    NodeBodies.cells(
        image,
        page,
        leaf ? point.slot() : point.slot() + 1,
        Node.slotCount(page),
        Keys.common(separator, upper));
    scratch.format(right);
    NodeBodies.keepBelow(scratch.body(), point.slot(), separator);
    scratch.on(left);
    NodeBodies.insertChild(scratch.body(), index, separator, right.pageId());
    scratch.on(parent);
    engine.space().addAllocate(scratch.change(), right.pageId());
    engine.change(scratch.change(), room);
  }

  /**
   * Moves the root's contents into the fresh page and makes it the root's only child; it splits
   * next. The root page keeps its id for ever.
   */
  private int growRoot(
      Newcomer newcomer, int level, PageGuard fresh, Scratch scratch, ChangeRoom room) {
    PageGuard latched = descent.node(Route.AT, newcomer.key(), level, true);
    if (latched == null) {
      return GROWN_BY_OTHERS;
    }
    try (PageGuard root = latched) {
      MemorySegment page = root.page();
      if (!descent.isRoot(root)) {
        return GROWN_BY_OTHERS;
      }
      if (newcomer.fits(page)) {
        return HAD_ROOM;
      }
      grow(root, level, fresh, scratch, room);
      return GROWN;
    }
  }

  private void grow(PageGuard root, int level, PageGuard fresh, Scratch scratch, ChangeRoom room) {
    MemorySegment page = root.page();
    byte[] lowest = new byte[0];
    long leftChild = page.get(NodeLayout.LONG, NodeLayout.LEFT_CHILD);
    scratch.reset();
    BodyWriter image = scratch.body();
    NodeBodies.format(image, treeId, level, lowest, null, leftChild);
    NodeBodies.cells(image, page, 0, Node.slotCount(page), 0);
    scratch.format(fresh);
    image = scratch.body();
    NodeBodies.format(image, treeId, level + 1, lowest, null, fresh.pageId());
    NodeBodies.noCells(image);
    scratch.on(root);
    engine.space().addAllocate(scratch.change(), fresh.pageId());
    engine.change(scratch.change(), room);
  }

  /** Makes a root that is a leaf the parent of that leaf; nobody else uses the tree. */
  void growLeaf(StructureSpace space) {
    long newPage = space.reservePage();
    boolean done = false;
    Scratch scratch = pages.take();
    try (ChangeRoom room = space.room(1);
        PageGuard fresh = pool.fresh(newPage);
        PageGuard root = descent.root(true)) {
      grow(root, 0, fresh, scratch, room);
      done = true;
    } finally {
      pages.give(scratch);
      if (!done) {
        engine.space().cancel(newPage);
      }
    }
  }
}
