package dev.redoubt.kv.btree;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.PageGuard;
import dev.redoubt.buffer.PageLayout;
import dev.redoubt.io.CorruptionException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Ways down a tree: without latches first ({@link OptimisticDescent}), and where that is disturbed
 * by latch coupling, a child latched before its parent is let go, shared down to the node wanted.
 * Order of latches: parent before child, left before right, pages of the space map last; so nobody
 * waits in a circle. Thread-safe.
 *
 * <p><b>Differences from the paper.</b> ARIES leaves index latching to ARIES/IM; since a structure
 * change is one atomic record whose pages stay latched until it is applied (rule 14), nobody ever
 * sees one half done, and neither SM bits nor a tree latch are needed.
 */
final class Descent {
  /** Which child to take. */
  enum Route {
    /** The one that holds the key. */
    AT,
    /** The one that holds the keys just below the key. */
    BELOW,
    FIRST,
    LAST
  }

  private static final int UNKNOWN = -1;
  private static final byte[] LOWEST = new byte[0];

  private final BufferPool pool;
  private final TreePages pages;
  private final int treeId;
  private final long rootPageId;
  private final OptimisticDescent optimistic;

  /** What the root's level was when last seen: whether to latch it shared or exclusively. */
  private volatile int rootLevel = UNKNOWN;

  Descent(BufferPool pool, TreePages pages, int treeId, long rootPageId) {
    this.pool = pool;
    this.pages = pages;
    this.treeId = treeId;
    this.rootPageId = rootPageId;
    this.optimistic = new OptimisticDescent(pool, this, treeId, rootPageId);
  }

  /**
   * The leaf that holds the key, latched; the caller closes it.
   *
   * @throws CorruptionException if a page on the way is damaged or an older version of itself;
   *     nothing is held
   */
  PageGuard leaf(byte[] key, boolean exclusive) {
    return Fences.enclosing(leaf(Route.AT, key, exclusive), this, key);
  }

  /**
   * The same latched exclusively, by the finger if that leads there, which else does so from now
   * on.
   */
  PageGuard leaf(byte[] key, ScanPath finger) {
    PageGuard again = optimistic.leafAgain(key, finger);
    if (again != null) {
      return again;
    }
    PageGuard found = rootLevel > 0 ? optimistic.node(Route.AT, key, 0, true, finger) : null;
    return Fences.enclosing(found != null ? found : leaf(Route.AT, key, true), this, key);
  }

  /** The leaf that holds the keys just below the key, latched shared, as above. */
  PageGuard leafBelow(byte[] key) {
    return Fences.enclosingBelow(leaf(Route.BELOW, key, false), this, key);
  }

  /** The last leaf, latched shared; the caller closes it. */
  PageGuard lastLeaf() {
    return leaf(Route.LAST, LOWEST, false);
  }

  /**
   * The leaf where a scan goes on, latched shared; the caller closes it. By {@code AT} as {@link
   * #leaf}, by {@code BELOW} as {@link #leafBelow}, by {@code LAST} as {@link #lastLeaf}.
   */
  PageGuard leaf(Route route, byte[] key, ScanPath path) {
    PageGuard found = rootLevel > 0 ? optimistic.leaf(route, key, path) : null;
    PageGuard leaf = found != null ? found : leaf(route, key, false);
    return switch (route) {
      case AT -> Fences.enclosing(leaf, this, key);
      case BELOW -> Fences.enclosingBelow(leaf, this, key);
      case FIRST, LAST -> leaf;
    };
  }

  private PageGuard leaf(Route route, byte[] key, boolean exclusive) {
    PageGuard leaf = node(route, key, 0, exclusive);
    if (leaf == null) {
      throw new IllegalStateException("a root below the leaves");
    }
    return leaf;
  }

  /** See {@link OptimisticDescent#plainValue}. */
  byte @Nullable [] plainValue(byte[] key, PlainKeys plain, long at) {
    return optimistic.plainValue(key, plain, at);
  }

  /**
   * The node at {@code level} on the way, latched; the caller closes it.
   *
   * @return null if the root is lower than that
   * @throws CorruptionException if a page on the way is damaged; nothing is held
   */
  @Nullable PageGuard node(Route route, byte[] key, int level, boolean exclusive) {
    if (rootLevel > level) {
      PageGuard found = optimistic.node(route, key, level, exclusive);
      if (found != null) {
        return found;
      }
    }
    return coupled(route, key, level, exclusive);
  }

  private @Nullable PageGuard coupled(Route route, byte[] key, int level, boolean exclusive) {
    PageGuard node = root(level, exclusive);
    if (node == null) {
      return null;
    }
    int at = level(node);
    while (at > level) {
      PageGuard child;
      try (PageGuard parent = node) {
        at--;
        child = child(parent.page(), route, key, at, exclusive && at == level);
      }
      node = child;
    }
    return node;
  }

  /** Latches the child on the way; if it cannot be had, the error says which keys are below it. */
  private PageGuard child(
      MemorySegment parent, Route route, byte[] key, int level, boolean exclusive) {
    int index = nextIndex(parent, route, key);
    try {
      return latch(Node.child(parent, index), level, exclusive);
    } catch (CorruptionException damaged) {
      throw new CorruptionException(
          damaged.getMessage() + " " + ChildRange.text(called(), parent, index), damaged);
    }
  }

  /** The root, latched; the caller closes it. If it cannot be had, the error says whose it is. */
  PageGuard root(boolean exclusive) {
    try {
      return latch(rootPageId, UNKNOWN, exclusive);
    } catch (CorruptionException damaged) {
      throw new CorruptionException(
          damaged.getMessage() + " On it depend all keys of " + called() + ".", damaged);
    }
  }

  /** What messages call the tree. */
  String called() {
    return pages.called(treeId);
  }

  private @Nullable PageGuard root(int level, boolean exclusive) {
    boolean latchExclusively = exclusive && rootLevel == level;
    while (true) {
      PageGuard root = root(latchExclusively);
      int found = level(root);
      if (rootLevel != found) {
        rootLevel = found;
      }
      if (found < level) {
        root.close();
        return null;
      }
      boolean wanted = exclusive && found == level;
      if (wanted == latchExclusively) {
        return root;
      }
      root.close();
      latchExclusively = wanted;
    }
  }

  /** The level of a node, which an error lets go of. */
  private static int level(PageGuard node) {
    try {
      return Node.level(node.page());
    } catch (Throwable t) {
      node.close();
      throw t;
    }
  }

  /** Latches a page that must be a node of this tree at {@code level}. */
  PageGuard latch(long pageId, int level, boolean exclusive) {
    PageGuard guard = exclusive ? pool.exclusive(pageId) : pool.shared(pageId);
    try {
      return checked(guard, pageId, level);
    } catch (Throwable t) {
      guard.close();
      throw t;
    }
  }

  private PageGuard checked(PageGuard guard, long pageId, int level) {
    MemorySegment page = guard.page();
    if (Node.isNode(page)
        && PageLayout.owner(page) == treeId
        && (level == UNKNOWN || Node.level(page) == level)) {
      return guard;
    }
    throw new CorruptionException(
        "page "
            + pageId
            + ": expected a node of "
            + called()
            + (level == UNKNOWN ? "" : " at level " + level)
            + ", found page type "
            + PageLayout.type(page)
            + " of owner "
            + PageLayout.owner(page)
            + " at level "
            + Node.level(page)
            + ".");
  }

  /** Id of the child on the way. */
  static long next(MemorySegment page, Route route, byte[] key) {
    return Node.child(page, nextIndex(page, route, key));
  }

  static int nextIndex(MemorySegment page, Route route, byte[] key) {
    return switch (route) {
      case AT -> Node.childIndex(page, key);
      case BELOW -> Node.childIndexBelow(page, key);
      case FIRST -> 0;
      case LAST -> Node.slotCount(page);
    };
  }

  boolean isRoot(PageGuard guard) {
    return guard.pageId() == rootPageId;
  }
}
