package dev.redoubt.kv.btree;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.PageGuard;
import dev.redoubt.kv.btree.Descent.Route;
import dev.redoubt.recovery.ChangeRoom;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.StructureSpace;
import dev.redoubt.recovery.Transaction;

/**
 * Fills a new tree from entries in ascending order, a leaf at a time: each leaf is written once,
 * with its final fences, and never searched. The tree is sound after each step, and every page that
 * was allocated is reached from its root; so whoever empties the tree after a crash finds them all.
 * Confined to one thread; nobody else uses the tree.
 *
 * <p>The last leaf holds everything behind the leaves that are done, and nothing but entries whose
 * values are overflow chains, until its own turn comes. A step is one atomic, redo-only record: the
 * image of the last leaf, filled; a new last leaf; the separator between them in their parent; the
 * space map. Inner nodes split behind their last separator and stay full.
 */
public final class TreeBuilder {
  private static final byte[] LOWEST = new byte[0];

  /** Changes as log space counts them: two leaves and a separator may be more than one. */
  private static final int ROOM = 2;

  private final BTree tree;
  private final Engine engine;
  private final BufferPool pool;
  private final Descent descent;
  private final double fill;
  private final LeafBuffer buffer;
  private long count;

  /**
   * Builds into an empty tree.
   *
   * @param fill how full leaves get, from 0 to 1; each gets one entry at least
   */
  public TreeBuilder(BTree tree, double fill) {
    this.tree = tree;
    this.engine = tree.engine();
    this.pool = engine.pool();
    this.descent = tree.descent();
    this.fill = fill;
    this.buffer = new LeafBuffer(pool.pageSize());
  }

  /** How many entries have been added. */
  public long count() {
    return count;
  }

  /**
   * Adds an entry; it is in the tree when its leaf is full, or {@link #finish} has returned.
   *
   * @param key above all that were added
   * @throws IllegalArgumentException if it is not above the last one; nothing has changed
   * @throws dev.redoubt.io.DiskFullException if there is no space; the tree is sound and can only
   *     be emptied
   */
  public void add(byte[] key, byte[] value) {
    if (collect(key, value)) {
      closeFull();
    }
  }

  /**
   * The same, but no page is touched: if it returns true, leaves are full, and {@link #closeFull}
   * is called next.
   *
   * @throws IllegalArgumentException if it is not above the last one; nothing has changed
   */
  public boolean collect(byte[] key, byte[] value) {
    checkOrder(key);
    buffer.add(key, value, false);
    count++;
    return isLeafFull();
  }

  /**
   * Puts the leaves that are full into the tree.
   *
   * @throws dev.redoubt.io.DiskFullException if there is no space; the tree is sound and can only
   *     be emptied
   */
  public void closeFull() {
    while (isLeafFull()) {
      closeLeaf();
    }
  }

  private boolean isLeafFull() {
    return buffer.size() > 1 && !buffer.mayFit(fill);
  }

  /**
   * Adds an entry whose value is an overflow chain that {@code tx} has just written, after {@link
   * #roomForLarge}; the entry is in the tree at return, as an update of {@code tx}, which is
   * committed before the next call.
   *
   * @param reference what {@link Overflow#write} returned
   */
  public void addLarge(Transaction tx, byte[] key, byte[] reference) {
    checkOrder(key);
    tree.put(tx, key, reference, true, cell -> BTree.Before.AS_IT_IS);
    buffer.add(key, reference, true);
    count++;
    closeFull();
  }

  /**
   * Called before the chain of a large value is written for {@link #addLarge}.
   *
   * @throws IllegalArgumentException as {@link #add}
   */
  public void roomForLarge(byte[] key) {
    checkOrder(key);
    while (buffer.size() > 1 && !buffer.roomForLarge(key)) {
      closeLeaf();
    }
  }

  private void checkOrder(byte[] key) {
    int order = buffer.size() == 0 ? -1 : buffer.compareLast(key);
    if (order < 0) {
      return;
    }
    String last = Keys.text(buffer.key(buffer.size() - 1));
    throw new IllegalArgumentException(
        order == 0
            ? "entry %d has the same key as the one before it, %s; load each key once"
                .formatted(count, last)
            : "entry %d, key %s, is below the one before it, %s; sort by the order of encoded keys"
                .formatted(count, Keys.text(key), last));
  }

  /** Puts what is left into the last leaf; at return the tree is complete. */
  public void finish() {
    while (buffer.size() > 1 && !buffer.fitsLast()) {
      closeLeaf();
    }
    if (buffer.size() == 0) {
      return;
    }
    Scratch scratch = tree.pages().take();
    try (ChangeRoom room = engine.structureSpace().room(ROOM);
        PageGuard leaf = lastAt(0)) {
      scratch.reset();
      buffer.image(scratch.begin(leaf), tree.treeId(), buffer.size(), null);
      engine.change(scratch.change(), room);
    } finally {
      tree.pages().give(scratch);
    }
    buffer.drop(buffer.size(), buffer.lower());
  }

  /** Makes a leaf of the first entries. */
  private void closeLeaf() {
    int size = buffer.leaf(fill);
    byte[] upper = buffer.upper(size);
    StructureSpace space = engine.structureSpace();
    space.awaitRoom(ROOM);
    if (!hasParent()) {
      tree.splitter().growLeaf(space);
    }
    while (!tryClose(size, upper, space)) {
      tree.splitter().makeRoomAbove(upper, space);
    }
    buffer.drop(size, upper);
  }

  /** Whether the root is above the leaves. */
  private boolean hasParent() {
    try (PageGuard root = descent.root(false)) {
      return Node.level(root.page()) > 0;
    }
  }

  /** Returns false if the node above the leaves lacks room for the separator. */
  private boolean tryClose(int size, byte[] upper, StructureSpace space) {
    long newPage = space.reservePage();
    boolean done = false;
    Scratch scratch = tree.pages().take();
    try (ChangeRoom room = space.room(ROOM);
        PageGuard right = pool.fresh(newPage);
        PageGuard parent = lastAt(1)) {
      if (Node.roomForInsert(parent.page(), upper.length, NodeLayout.CHILD_BYTES)) {
        close(size, upper, right, parent, scratch, room);
        done = true;
      }
      return done;
    } finally {
      tree.pages().give(scratch);
      if (!done) {
        engine.space().cancel(newPage);
      }
    }
  }

  private void close(
      int size, byte[] upper, PageGuard right, PageGuard parent, Scratch scratch, ChangeRoom room) {
    int index = Node.slotCount(parent.page());
    try (PageGuard leaf = descent.latch(Node.child(parent.page(), index), 0, true)) {
      scratch.reset();
      buffer.image(scratch.begin(leaf), tree.treeId(), size, upper);
      buffer.rest(scratch.beginFormat(right), tree.treeId(), size, upper);
      NodeBodies.insertChild(scratch.body(), index, upper, right.pageId());
      scratch.on(parent);
      engine.space().addAllocate(scratch.change(), right.pageId());
      engine.change(scratch.change(), room);
    }
  }

  private PageGuard lastAt(int level) {
    PageGuard node = descent.node(Route.LAST, LOWEST, level, true);
    if (node == null) {
      throw new IllegalStateException("the root is below level " + level);
    }
    return node;
  }
}
