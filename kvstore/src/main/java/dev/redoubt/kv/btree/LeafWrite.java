package dev.redoubt.kv.btree;

import static dev.redoubt.kv.btree.NodeLayout.*;

import dev.redoubt.buffer.PageGuard;
import dev.redoubt.kv.btree.BTree.Before;
import dev.redoubt.kv.btree.BTree.BeforeImage;
import dev.redoubt.kv.btree.BTree.Increment;
import dev.redoubt.recovery.ChangeRoom;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.Transaction;
import java.lang.foreign.MemorySegment;
import java.util.function.Predicate;

/** Changes of single leaves, latched exclusively by the caller. Stateless. */
final class LeafWrite {
  private LeafWrite() {}

  /**
   * The leaf has room; {@code slot} is where the key was found, or not. Returns false if the hook
   * gave up.
   */
  static boolean put(
      BTree tree,
      Transaction tx,
      PageGuard leaf,
      int slot,
      byte[] key,
      byte[] value,
      int flags,
      BeforeImage hook,
      Scratch scratch) {
    MemorySegment page = leaf.page();
    scratch.reset();
    BodyWriter body = scratch.body();
    if (slot < 0) {
      if (hook.install(null) == Before.GIVE_UP) {
        return false;
      }
      NodeBodies.insert(body, -slot - 1, flags, key, value);
      LeafChange.insertUndo(body, tree.rootPageId());
    } else {
      Cell old = Node.cell(page, slot);
      Before before = hook.install(old);
      if (before == Before.GIVE_UP) {
        return false;
      }
      NodeBodies.replace(body, slot, flags, value);
      if (before == Before.ABSENT) {
        LeafChange.removeUndo(body, tree.rootPageId(), key);
      } else {
        int oldFlags = Node.flags(page, slot);
        LeafChange.restoreUndo(body, tree.rootPageId(), key, oldFlags, old.value());
      }
    }
    scratch.on(leaf);
    tx.update(scratch.change(), tree.pages());
    return true;
  }

  /** Returns false if there is no live cell, or the hook gave up. */
  static boolean delete(
      BTree tree, Transaction tx, PageGuard leaf, byte[] key, BeforeImage hook, Scratch scratch) {
    MemorySegment page = leaf.page();
    int slot = Node.search(page, key);
    if (slot < 0 || Node.isGhost(page, slot)) {
      return false;
    }
    if (hook.install(Node.cell(page, slot)) == Before.GIVE_UP) {
      return false;
    }
    int flags = Node.flags(page, slot);
    scratch.reset();
    BodyWriter body = scratch.body();
    NodeBodies.flags(body, slot, flags | GHOST);
    LeafChange.flagsUndo(body, tree.rootPageId(), key, flags);
    scratch.on(leaf);
    tx.update(scratch.change(), tree.pages());
    return true;
  }

  /** Whether {@link #purge} would remove something. */
  static boolean hasGhost(PageGuard leaf, Predicate<byte[]> removable) {
    MemorySegment page = leaf.page();
    for (int slot = 0; slot < Node.slotCount(page); slot++) {
      if (Node.isGhost(page, slot) && removable.test(Node.key(page, slot))) {
        return true;
      }
    }
    return false;
  }

  /** Returns false if there is no live cell. */
  static boolean add(
      BTree tree,
      Transaction tx,
      PageGuard leaf,
      byte[] key,
      long delta,
      Increment hook,
      Scratch scratch) {
    MemorySegment page = leaf.page();
    int slot = Node.search(page, key);
    if (slot < 0 || Node.isGhost(page, slot)) {
      return false;
    }
    Cell before = Node.cell(page, slot);
    before.plus(delta); // refuses what is no number
    scratch.reset();
    BodyWriter body = scratch.body();
    NodeBodies.add(body, slot, delta);
    LeafChange.addUndo(body, tree.rootPageId(), key);
    scratch.on(leaf);
    hook.install(before);
    boolean logged = false;
    try {
      tx.update(scratch.change(), tree.pages());
      logged = true;
    } finally {
      if (!logged) {
        hook.withdraw();
      }
    }
    return true;
  }

  /** Removes the ghosts that may go, in one record; returns how many. */
  static int purge(
      Engine engine,
      PageGuard leaf,
      Predicate<byte[]> removable,
      Scratch scratch,
      ChangeRoom room) {
    MemorySegment page = leaf.page();
    int count = Node.slotCount(page);
    int[] slots = new int[count];
    int found = 0;
    for (int slot = 0; slot < count; slot++) {
      if (Node.isGhost(page, slot) && removable.test(Node.key(page, slot))) {
        slots[found++] = slot;
      }
    }
    if (found > 0) {
      scratch.reset();
      NodeBodies.removeMany(scratch.body(), slots, found);
      scratch.on(leaf);
      engine.change(scratch.change(), room);
    }
    return found;
  }
}
