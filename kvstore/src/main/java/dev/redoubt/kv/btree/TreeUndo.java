package dev.redoubt.kv.btree;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.buffer.PageLayout;
import dev.redoubt.io.CorruptionException;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.LogRecord;
import dev.redoubt.recovery.UndoContext;
import java.lang.foreign.MemorySegment;

/**
 * Undoes one update of a tree: by key from the root, since the page that the update touched may
 * have been split, merged or freed (ARIES §10.3, logical undo). Splits that the old state needs are
 * records of their own before the one CLR. Confined to the undoing thread.
 */
final class TreeUndo {
  private final TreePages pages;
  private final UndoContext context;
  private final Engine engine;

  TreeUndo(TreePages pages, UndoContext context) {
    this.pages = pages;
    this.context = context;
    this.engine = context.engine();
  }

  void undo(LogRecord.Update update) {
    switch (LeafBefore.of(update)) {
      case LeafBefore.Absent(long root, byte[] key) -> removeKey(root, key);
      case LeafBefore.Stored(long root, byte[] key, int flags, byte[] value) ->
          restore(root, key, flags, value);
      case LeafBefore.Flagged(long root, byte[] key, int flags) -> setFlags(root, key, flags);
      case LeafBefore.Added(long root, byte[] key, long delta) -> subtract(root, key, delta);
      case null -> removePage(LeafBefore.treePart(update));
    }
  }

  /** Undoes the making of a tree or of a page of an overflow chain. */
  private void removePage(LogRecord.PageChange made) {
    if (new BodyReader(made.body()).getByte() == NodeBodies.FORMAT_NODE) {
      tree(made.pageId()).dismantle(context.structureSpace());
    }
    free(made.pageId());
  }

  private void removeKey(long root, byte[] key) {
    BTree tree = tree(root);
    boolean underfull;
    Scratch scratch = pages.take();
    try (PageGuard leaf = tree.descent().leaf(key, true)) {
      scratch.reset();
      NodeBodies.remove(scratch.body(), find(leaf, key));
      scratch.on(leaf);
      context.compensate(scratch.change());
      underfull = Merger.isUnderfull(leaf.page());
    } finally {
      pages.give(scratch);
    }
    if (underfull) {
      tree.merger().shrink(key);
    }
  }

  private void setFlags(long root, byte[] key, int flags) {
    Scratch scratch = pages.take();
    try (PageGuard leaf = tree(root).descent().leaf(key, true)) {
      scratch.reset();
      NodeBodies.flags(scratch.body(), find(leaf, key), flags);
      scratch.on(leaf);
      context.compensate(scratch.change());
    } finally {
      pages.give(scratch);
    }
  }

  /** What others have added meanwhile stays: the undo of an increment is its opposite. */
  private void subtract(long root, byte[] key, long delta) {
    BTree tree = tree(root);
    Scratch scratch = pages.take();
    try (PageGuard leaf = tree.descent().leaf(key, true)) {
      scratch.reset();
      NodeBodies.add(scratch.body(), find(leaf, key), -delta);
      scratch.on(leaf);
      context.compensate(scratch.change());
      pages.undoneIncrements().undone(context.transactionId(), tree.treeId(), key, delta);
    } finally {
      pages.give(scratch);
    }
  }

  private void restore(long root, byte[] key, int flags, byte[] value) {
    BTree tree = tree(root);
    while (!tryRestore(tree, key, flags, value)) {
      tree.splitter().makeRoom(key, value.length, context.structureSpace());
    }
  }

  private boolean tryRestore(BTree tree, byte[] key, int flags, byte[] value) {
    Scratch scratch = pages.take();
    try (PageGuard leaf = tree.descent().leaf(key, true)) {
      int slot = find(leaf, key);
      if (!Node.roomForReplace(leaf.page(), slot, value.length)) {
        return false;
      }
      scratch.reset();
      NodeBodies.replace(scratch.body(), slot, flags, value);
      scratch.on(leaf);
      context.compensate(scratch.change());
      return true;
    } finally {
      pages.give(scratch);
    }
  }

  private void free(long pageId) {
    Scratch scratch = pages.take();
    try {
      engine.space().addFree(scratch.reset(), pageId);
      context.compensate(scratch.change());
    } finally {
      pages.give(scratch);
    }
  }

  /** The transaction owns the key until it has been undone, so the key must be there. */
  private int find(PageGuard leaf, byte[] key) {
    int slot = Node.search(leaf.page(), key);
    if (slot < 0) {
      throw new CorruptionException(
          "page "
              + leaf.pageId()
              + ": transaction "
              + context.transactionId()
              + " wrote key "
              + Keys.text(key)
              + ", which is not there to be undone");
    }
    return slot;
  }

  private BTree tree(long root) {
    try (PageGuard guard = engine.pool().shared(root)) {
      MemorySegment page = guard.page();
      return new BTree(engine, pages, PageLayout.owner(page), root);
    }
  }
}
