package dev.redoubt.kv.btree;

import static dev.redoubt.kv.btree.NodeLayout.*;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.io.LazyLogger;
import dev.redoubt.io.StorageException;
import dev.redoubt.kv.btree.Descent.Route;
import dev.redoubt.recovery.ChangeRoom;
import dev.redoubt.recovery.Engine;
import java.lang.foreign.MemorySegment;

/**
 * Gives pages back: a node that has become underfull is merged with a neighbour under the same
 * parent, a root with a single child takes over the child's contents. Each step is one atomic
 * record {parent, left, right, space map} (rule 14); the freed page itself is not touched, its next
 * use formats it. Called with no latch held. Thread-safe.
 */
final class Merger {
  private static final System.Logger LOG = LazyLogger.of(Merger.class);

  /** Below a quarter a node looks for a neighbour to merge with. */
  private static final int UNDERFULL_DIVISOR = 4;

  /** A merged node keeps a fifth free, or the next insert would split it again. */
  private static final int MOST_PERCENT = 80;

  /** A step logs one merge and at most so many collapses of the root: each takes a level away. */
  private static final int COLLAPSES = 2;

  private final Engine engine;
  private final TreePages pages;
  private final Descent descent;
  private final int treeId;

  Merger(Engine engine, TreePages pages, Descent descent, int treeId) {
    this.engine = engine;
    this.pages = pages;
    this.descent = descent;
    this.treeId = treeId;
  }

  static boolean isUnderfull(MemorySegment page) {
    int capacity = Node.capacityBytes(page);
    return Node.slotCount(page) == 0
        || capacity - Node.roomBytes(page) < capacity / UNDERFULL_DIVISOR;
  }

  /**
   * Merges the leaf of the key if it is underfull, and then what that leaves underfull above. It
   * comes after a change that is already done, a CLR perhaps, and nothing depends on it: a damaged
   * neighbour or a full disk leaves the node as it is, to be merged another time.
   *
   * @throws EngineHaltedException if the engine halted
   */
  void shrink(byte[] key) {
    int level = 0;
    try {
      while (step(key, level)) {
        level++;
      }
    } catch (EngineHaltedException halted) {
      throw halted;
    } catch (StorageException left) {
      LOG.log(System.Logger.Level.DEBUG, "an underfull page of tree " + treeId + " stays", left);
    }
  }

  /** Returns whether the parent has become, or is, underfull. */
  private boolean step(byte[] key, int level) {
    try (ChangeRoom room = engine.structureSpace().room(1 + COLLAPSES)) {
      PageGuard parent = descent.node(Route.AT, key, level + 1, true);
      return parent != null && step(key, parent, room);
    }
  }

  private boolean step(byte[] key, PageGuard latched, ChangeRoom room) {
    Scratch scratch = pages.take();
    try (PageGuard parent = latched) {
      int count = Node.slotCount(parent.page());
      if (count > 0) {
        int index = Node.childIndex(parent.page(), key);
        if (!(index > 0 && merge(parent, index - 1, index, scratch, room)) && index < count) {
          merge(parent, index, index, scratch, room);
        }
      }
      int collapses = 0;
      while (collapses < COLLAPSES && descent.isRoot(parent) && collapse(parent, scratch, room)) {
        collapses++;
      }
      return !descent.isRoot(parent) && isUnderfull(parent.page());
    } finally {
      pages.give(scratch);
    }
  }

  /** Merges children {@code at} and {@code at + 1} if the one at {@code index} is underfull. */
  private boolean merge(PageGuard parent, int at, int index, Scratch scratch, ChangeRoom room) {
    MemorySegment above = parent.page();
    int level = Node.level(above) - 1;
    try (PageGuard left = descent.latch(Node.child(above, at), level, true);
        PageGuard right = descent.latch(Node.child(above, at + 1), level, true)) {
      if (!isUnderfull(index == at ? left.page() : right.page())) {
        return false;
      }
      byte[] separator = Node.key(above, at);
      int prefix = Keys.common(Node.lowerFence(left.page()), Node.upperFence(right.page()));
      if (!fits(left.page(), right.page(), separator, prefix)) {
        return false;
      }
      scratch.reset();
      BodyWriter body = scratch.body();
      NodeBodies.absorb(body, Node.upperFence(right.page()));
      if (level == 0) {
        NodeBodies.cells(body, right.page(), 0, Node.slotCount(right.page()), prefix);
      } else {
        long middle = Node.child(right.page(), 0);
        NodeBodies.cellsBehind(body, separator, middle, right.page(), prefix);
      }
      scratch.on(left);
      NodeBodies.remove(scratch.body(), at);
      scratch.on(parent);
      engine.space().addFree(scratch.change(), right.pageId());
      engine.change(scratch.change(), room);
      return true;
    }
  }

  private static boolean fits(
      MemorySegment left, MemorySegment right, byte[] separator, int prefix) {
    int bytes = bytesUnder(left, prefix) + bytesUnder(right, prefix);
    if (Node.level(left) > 0) {
      bytes += SLOT_BYTES + CELL_SUFFIX + separator.length - prefix + CHILD_BYTES;
    }
    int capacity = (int) left.byteSize() - SLOTS - Node.lowerLength(left) - Node.upperLength(right);
    boolean oneIsEmpty = Node.slotCount(left) == 0 || Node.slotCount(right) == 0;
    return bytes <= (oneIsEmpty ? capacity : capacity / 100 * MOST_PERCENT);
  }

  /** Bytes of slots and cells once the prefix is {@code prefix} long. */
  private static int bytesUnder(MemorySegment page, int prefix) {
    return Node.capacityBytes(page)
        - Node.roomBytes(page)
        + Node.slotCount(page) * (Node.prefixLength(page) - prefix);
  }

  /** Moves the contents of the root's only child into the root and frees the child. */
  private boolean collapse(PageGuard root, Scratch scratch, ChangeRoom room) {
    MemorySegment page = root.page();
    int level = Node.level(page);
    if (level == 0 || Node.slotCount(page) > 0) {
      return false;
    }
    try (PageGuard child = descent.latch(Node.child(page, 0), level - 1, true)) {
      MemorySegment only = child.page();
      scratch.reset();
      BodyWriter image = scratch.body();
      long leftChild = only.get(LONG, LEFT_CHILD);
      NodeBodies.format(image, treeId, level - 1, new byte[0], null, leftChild);
      NodeBodies.cells(image, only, 0, Node.slotCount(only), 0);
      scratch.on(root);
      engine.space().addFree(scratch.change(), child.pageId());
      engine.change(scratch.change(), room);
      return true;
    }
  }
}
