package dev.redoubt.kv.btree;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.OptimisticPage;
import dev.redoubt.buffer.PageGuard;
import dev.redoubt.buffer.PageLayout;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.kv.btree.Descent.Route;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The fast way down: optimistic lock coupling (Leis and others, "The ART of Practical
 * Synchronization", 2016). Nodes above the one wanted are read without a latch and validated; only
 * the last is latched, and then its parent is validated once more: unchanged, so the node is still
 * the one. No latch is held while another is waited for. Thread-safe.
 *
 * <p>Between the validation of a parent and the access to its child the child may be freed, even
 * get another use or none: whatever is found wrong there counts only if the parent is still valid,
 * and is left to latch coupling to report.
 */
final class OptimisticDescent {
  /** A writer at work on the path: after this many attempts sleeping beats trying. */
  private static final int ATTEMPTS = 4;

  private final BufferPool pool;
  private final Descent latched;
  private final int treeId;
  private final long rootPageId;

  OptimisticDescent(BufferPool pool, Descent latched, int treeId, long rootPageId) {
    this.pool = pool;
    this.latched = latched;
    this.treeId = treeId;
    this.rootPageId = rootPageId;
  }

  /** The node, latched; null if it is the root, is missing, or was not reached undisturbed. */
  @Nullable PageGuard node(Route route, byte[] key, int level, boolean exclusive) {
    OptimisticPage first = pool.optimistic(rootPageId);
    OptimisticPage second = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) {
        pool.optimistic(rootPageId, first);
      }
      int at = levelOf(first.page());
      if (at <= level) {
        return null;
      }
      if (at > level + 1 && second == null) {
        second = pool.optimistic(rootPageId);
      }
      PageGuard found = descend(first, second, at, route, key, level, exclusive);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private @Nullable PageGuard descend(
      OptimisticPage root,
      @Nullable OptimisticPage spare,
      int rootLevel,
      Route route,
      byte[] key,
      int level,
      boolean exclusive) {
    OptimisticPage parent = root;
    OptimisticPage next = spare;
    int at = rootLevel;
    try {
      while (at > level + 1 && next != null) {
        long childId = Descent.next(parent.page(), route, key);
        if (!parent.validate()) {
          return null;
        }
        pool.optimistic(childId, next);
        at--;
        if (!parent.validate() || levelOf(next.page()) != at) {
          return null;
        }
        OptimisticPage above = parent;
        parent = next;
        next = above;
      }
      long childId = Descent.next(parent.page(), route, key);
      return parent.validate() ? latch(parent, childId, level, exclusive) : null;
    } catch (IndexOutOfBoundsException | CorruptionException torn) {
      return null;
    }
  }

  private @Nullable PageGuard latch(
      OptimisticPage parent, long childId, int level, boolean exclusive) {
    PageGuard guard = latched.latch(childId, level, exclusive);
    if (parent.validate()) {
      return guard;
    }
    guard.close();
    return null;
  }

  /** Level of a node of this tree; -1 for anything else. */
  private int levelOf(MemorySegment page) {
    return Node.isNode(page) && PageLayout.owner(page) == treeId ? Node.level(page) : -1;
  }
}
