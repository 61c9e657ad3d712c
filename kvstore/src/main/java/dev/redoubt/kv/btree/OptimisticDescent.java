package dev.redoubt.kv.btree;

import dev.redoubt.buffer.BufferPool;
import dev.redoubt.buffer.Frame;
import dev.redoubt.buffer.PageGuard;
import dev.redoubt.buffer.PageLayout;
import dev.redoubt.buffer.PageTouch;
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

  /**
   * Whoever touches a leaf ahead must let something depend on it. Should a leaf ever give this
   * number, it is read the slow way.
   */
  private static final long NEVER = 0x5dee_ce66_2f0b_4a37L;

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
    return node(route, key, level, exclusive, null);
  }

  /** The same; the path leads to what is found from then on. */
  @Nullable PageGuard node(
      Route route, byte[] key, int level, boolean exclusive, @Nullable ScanPath path) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Frame root = pool.frame(rootPageId);
      long stamp = root.stamp(rootPageId);
      if (stamp >= 0) {
        int at = levelOf(root.page());
        if (at <= level && root.validate(stamp)) {
          return null;
        }
        PageGuard found =
            at <= level ? null : descend(root, stamp, at, route, key, level, exclusive, path);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  private @Nullable PageGuard descend(
      Frame root,
      long rootStamp,
      int rootLevel,
      Route route,
      byte[] key,
      int level,
      boolean exclusive,
      @Nullable ScanPath path) {
    Frame parent = root;
    long stamp = rootStamp;
    try {
      for (int at = rootLevel - 1; at > level; at--) {
        long childId = Descent.next(parent.page(), route, key);
        if (!parent.validate(stamp)) {
          return null;
        }
        Frame child = pool.frame(childId);
        long childStamp = child.stamp(childId);
        if (childStamp < 0 || !parent.validate(stamp) || levelOf(child.page()) != at) {
          return null;
        }
        parent = child;
        stamp = childStamp;
      }
      int index = Descent.nextIndex(parent.page(), route, key);
      long childId = Node.child(parent.page(), index);
      PageGuard found =
          parent.validate(stamp) ? latch(parent, stamp, childId, level, exclusive) : null;
      if (found != null && path != null) {
        path.set(parent, stamp, index);
      }
      return found;
    } catch (IndexOutOfBoundsException | CorruptionException torn) {
      return null;
    }
  }

  private @Nullable PageGuard latch(
      Frame parent, long stamp, long childId, int level, boolean exclusive) {
    if (level == 0 && PageTouch.ahead(pool, childId) == NEVER) {
      return null;
    }
    PageGuard guard = latched.latch(childId, level, exclusive);
    if (parent.validate(stamp)) {
      return guard;
    }
    guard.close();
    return null;
  }

  /**
   * The leaf where a scan goes on, latched shared: the neighbour of the one that the path led to,
   * or by the way down from the root, which the path leads to from then on. Null as above.
   */
  @Nullable PageGuard leaf(Route route, byte[] key, ScanPath path) {
    PageGuard next = neighbour(route, key, path);
    return next != null ? next : node(route, key, 0, false, path);
  }

  /**
   * The leaf that the path led to, latched exclusively, if it holds the key; null if not, or if the
   * node above it has changed, and then the path leads nowhere. It is validated as on the way down,
   * behind the latch: <em>else the leaf may have been merged away meanwhile, which leaves its page
   * as it was, and what is written there is lost.</em>
   */
  @Nullable PageGuard leafAgain(byte[] key, ScanPath path) {
    Frame above = path.above();
    if (above == null) {
      return null;
    }
    path.forget();
    try {
      long stamp = path.stamp();
      int index = path.child();
      long childId = Node.child(above.page(), index);
      PageGuard leaf = above.validate(stamp) ? latched.latch(childId, 0, true) : null;
      if (leaf == null) {
        return null;
      }
      if (!above.validate(stamp)) {
        leaf.close();
        return null;
      }
      if (!isWanted(leaf, Route.AT, key)) {
        return null;
      }
      path.set(above, stamp, index);
      return leaf;
    } catch (IndexOutOfBoundsException | CorruptionException torn) {
      return null;
    }
  }

  private @Nullable PageGuard neighbour(Route route, byte[] key, ScanPath path) {
    Frame above = path.above();
    int index = path.child() + (route == Route.AT ? 1 : -1);
    path.forget();
    try {
      if (above == null || index < 0 || index > Node.slotCount(above.page())) {
        return null;
      }
      long stamp = path.stamp();
      long childId = Node.child(above.page(), index);
      PageGuard leaf = above.validate(stamp) ? latch(above, stamp, childId, 0, false) : null;
      if (leaf == null) {
        return null;
      }
      if (!isWanted(leaf, route, key)) { // the scan has begun anew somewhere else
        return null;
      }
      path.set(above, stamp, index);
      return leaf;
    } catch (IndexOutOfBoundsException | CorruptionException torn) {
      return null;
    }
  }

  /** Whether the leaf encloses what is sought; it is closed if not. */
  private static boolean isWanted(PageGuard leaf, Route route, byte[] key) {
    boolean wanted = false;
    try {
      wanted =
          route == Route.AT
              ? Fences.enclose(leaf.page(), key)
              : Fences.encloseBelow(leaf.page(), key);
      return wanted;
    } finally {
      if (!wanted) {
        leaf.close();
      }
    }
  }

  /**
   * The value of a key that is plain (the caller's copy), or null for one that is absent, if that
   * can be told without a latch; else {@link PlainKeys#LOOK_CLOSER}.
   */
  byte @Nullable [] plainValue(byte[] key, PlainKeys plain, long at) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        Frame frame = pool.frame(rootPageId);
        long stamp = frame.stamp(rootPageId);
        int level = stamp < 0 ? 0 : levelOf(frame.page());
        while (stamp >= 0 && level > 0) {
          long childId = Descent.next(frame.page(), Route.AT, key);
          if (!frame.validate(stamp)) {
            break;
          }
          if (level == 1 && PageTouch.ahead(pool, childId) == NEVER) {
            break;
          }
          Frame child = pool.frame(childId);
          long childStamp = child.stamp(childId);
          if (!frame.validate(stamp) || levelOf(child.page()) != level - 1) {
            break;
          }
          level--; // only now: else a parent whose child has just been evicted passes for a leaf
          frame = child;
          stamp = childStamp;
        }
        if (stamp >= 0 && level == 0) {
          byte[] value = plainCell(frame.page(), key, plain, at);
          if (frame.validate(stamp)) {
            return value;
          }
        }
      } catch (IndexOutOfBoundsException | CorruptionException torn) {
        // what was read was no node: it counts only if it is met again with latches
      }
    }
    return PlainKeys.LOOK_CLOSER;
  }

  /** Store rule 1: the cell is copied first, versions are looked up next, validation comes last. */
  private byte @Nullable [] plainCell(MemorySegment leaf, byte[] key, PlainKeys plain, long at) {
    if (!Fences.enclose(leaf, key)) {
      return PlainKeys.LOOK_CLOSER; // torn, or an old version of the page: latched, it is told
    }
    int slot = Node.search(leaf, key);
    byte[] value = slot < 0 ? null : Node.plainValue(leaf, slot);
    return plain.isPlain(treeId, key, at) ? value : PlainKeys.LOOK_CLOSER;
  }

  /** Level of a node of this tree; -1 for anything else. */
  private int levelOf(MemorySegment page) {
    return Node.isNode(page) && PageLayout.owner(page) == treeId ? Node.level(page) : -1;
  }
}
