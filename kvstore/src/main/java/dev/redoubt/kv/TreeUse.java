package dev.redoubt.kv;

import dev.redoubt.kv.DroppedTrees.Dropped;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.Roster;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which trees read-write transactions use (store rule 14). Whoever drops a tree, or puts another in
 * its place ({@link TreeChanges}), first says so, then waits for all who use it; whoever comes to
 * use one says so, then looks whether it is being dropped: one of the two sees the other. One for a
 * store; each call is of the transaction's user.
 */
final class TreeUse {
  private final Engine engine;
  private final Catalog catalog;
  private final KeyTable keys;
  private final Roster<WriteTransaction> active;

  TreeUse(Engine engine, Catalog catalog, KeyTable keys, Roster<WriteTransaction> active) {
    this.engine = engine;
    this.catalog = catalog;
    this.keys = keys;
    this.active = active;
  }

  /** The tree, made if there is none; nobody drops it before this transaction ends. */
  BTree open(WriteTransaction owner, TreeDef<?, ?> definition) {
    while (true) {
      Dropped dropped = catalog.dropped().active(definition.name());
      if (dropped != null && dropped.writes() == owner.writes()) {
        return ownInstead(owner, definition);
      }
      if (dropped != null && owner.uses(dropped.entry().tree().treeId())) {
        return Catalog.checked(dropped.entry(), definition); // the drop waits for this one
      }
      BTree tree = catalog.openOrCreate(definition);
      if (tree != null) {
        boolean isNew = owner.use(tree.treeId()); // from now on a drop waits for this transaction
        if (catalog.isCurrent(definition.name(), tree)) {
          return tree;
        }
        if (isNew) {
          owner.useNoMore(tree.treeId());
        }
      }
      awaitDrop(owner, definition.name());
    }
  }

  /** What the transaction has put in the place of the tree. */
  private BTree ownInstead(WriteTransaction owner, TreeDef<?, ?> definition) {
    Catalog.Entry instead = catalog.entry(definition.name());
    if (instead == null) {
      throw owner.treeChanges().gone(definition.name());
    }
    return Catalog.checked(instead, definition);
  }

  /** Waits for another transaction that is dropping the tree. */
  private void awaitDrop(WriteTransaction owner, String name) {
    Dropped dropped = catalog.dropped().active(name);
    if (dropped == null) {
      return;
    }
    if (dropped.writes() == owner.writes()) {
      if (catalog.entry(name) == null) {
        throw owner.treeChanges().gone(name);
      }
      return;
    }
    if (dropped.writes().owner() instanceof WriteTransaction other) {
      await(
          owner,
          other,
          List::of,
          () -> "tree '" + name + "', which " + KeyWaits.named(other) + " is dropping");
    }
  }

  private void await(
      WriteTransaction owner,
      WriteTransaction other,
      Supplier<List<WriteTransaction>> others,
      Supplier<String> what) {
    try {
      keys.waits().await(owner, other, others, what, () -> !other.ended);
    } catch (ConflictException e) {
      throw owner.doomed(e);
    }
  }

  /** What the snapshot sees must be the tree that there is. */
  private void requireSeen(WriteTransaction owner, String name) {
    Dropped unseen =
        owner.hasSnapshot() ? catalog.dropped().unseen(name, owner.reads().at()) : null;
    if (unseen != null && !unseen.writes().isActive()) {
      throw owner.doomed(
          new ConflictException(
              "tree '" + name + "' has been dropped since the snapshot; run it again"));
    }
  }

  /** Calls {@link #open} and makes sure that the snapshot sees the same tree. */
  BTree openSeen(WriteTransaction owner, TreeDef<?, ?> definition) {
    BTree tree = open(owner, definition);
    requireSeen(owner, definition.name());
    return tree;
  }

  /** Claims the tree of that name, waiting for all who use it; null if there is none. */
  @Nullable Dropped claim(WriteTransaction owner, String name) {
    engine.restart().await(); // a loser may own keys of it
    Dropped dropped = null;
    while (dropped == null) {
      awaitDrop(owner, name);
      requireSeen(owner, name);
      Catalog.Entry entry = catalog.entry(name);
      if (entry == null) {
        if (catalog.dropped().active(name) == null) {
          return null;
        }
        continue;
      }
      dropped = catalog.beginDrop(entry, owner.writes());
    }
    try {
      awaitUsers(owner, dropped.entry().tree().treeId(), name);
      return dropped;
    } catch (RuntimeException | Error e) {
      catalog.endDrop(dropped);
      throw e;
    }
  }

  private void awaitUsers(WriteTransaction owner, int treeId, String name) {
    for (WriteTransaction other : users(owner, treeId)) {
      await(
          owner,
          other,
          () -> users(owner, treeId),
          () -> "tree '" + name + "', which " + KeyWaits.named(other) + " uses");
    }
    try {
      long newest = keys.requireNoOwner(treeId, owner.writes());
      if (owner.isolation() == Isolation.SNAPSHOT) {
        owner.reads().ownToWrite(newest);
      }
    } catch (ConflictException | SnapshotTooOldException e) {
      throw owner.doomed(e);
    }
  }

  /** The other transactions that use the tree and have not ended, by id. */
  private List<WriteTransaction> users(WriteTransaction owner, int treeId) {
    return active.all().stream()
        .filter(each -> each != owner && !each.ended && each.uses(treeId))
        .sorted(Comparator.comparingLong(WriteTransaction::id))
        .toList();
  }
}
