package dev.redoubt.kv;

import dev.redoubt.kv.DroppedTrees.Dropped;
import dev.redoubt.kv.btree.BTree;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which trees a read-write transaction uses (store rule 14). Whoever drops a tree, or puts another
 * in its place ({@link TreeChanges}), first says so, then waits for all who use it; whoever comes
 * to use one says so, then looks whether it is being dropped: one of the two sees the other.
 * Confined to the transaction's user, but for {@link #uses}.
 */
final class TreeUse {
  private static final int[] NONE = {};

  private final Store store;
  private final WriteTransaction owner;
  private final OwnedKeys keys;
  private final TransactionReads reads;

  private volatile int[] used = NONE;

  TreeUse(Store store, WriteTransaction owner, OwnedKeys keys, TransactionReads reads) {
    this.store = store;
    this.owner = owner;
    this.keys = keys;
    this.reads = reads;
  }

  /** Whether it has used the tree; any thread. */
  boolean uses(int treeId) {
    for (int each : used) {
      if (each == treeId) {
        return true;
      }
    }
    return false;
  }

  /** The tree, made if there is none; nobody drops it before this transaction ends. */
  BTree open(TreeDef<?, ?> definition) {
    Catalog catalog = store.parts().catalog();
    while (true) {
      Dropped dropped = catalog.dropped().active(definition.name());
      if (dropped != null && dropped.writes() == owner.writes()) {
        return ownInstead(catalog, definition);
      }
      if (dropped != null && uses(dropped.entry().tree().treeId())) {
        return Catalog.checked(dropped.entry(), definition); // the drop waits for this one
      }
      BTree tree = catalog.openOrCreate(definition);
      if (tree != null) {
        int[] before = used;
        if (!uses(tree.treeId())) {
          int[] more = Arrays.copyOf(before, before.length + 1);
          more[before.length] = tree.treeId();
          used = more; // from now on a drop waits for this transaction
        }
        if (catalog.isCurrent(definition.name(), tree)) {
          return tree;
        }
        used = before;
      }
      awaitDrop(definition.name());
    }
  }

  /** What the transaction has put in the place of the tree. */
  private BTree ownInstead(Catalog catalog, TreeDef<?, ?> definition) {
    Catalog.Entry instead = catalog.entry(definition.name());
    if (instead == null) {
      throw owner.treeChanges().gone(definition.name());
    }
    return Catalog.checked(instead, definition);
  }

  /** Waits for another transaction that is dropping the tree. */
  private void awaitDrop(String name) {
    Catalog catalog = store.parts().catalog();
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
          other,
          List::of,
          () -> "tree '" + name + "', which " + KeyWaits.named(other) + " is dropping");
    }
  }

  private void await(
      WriteTransaction other, Supplier<List<WriteTransaction>> others, Supplier<String> what) {
    try {
      store.parts().keys().waits().await(owner, other, others, what, () -> !other.waiting.ended);
    } catch (ConflictException e) {
      throw keys.doomed(e);
    }
  }

  /** What the snapshot sees must be the tree that there is. */
  private void requireSeen(String name) {
    Dropped unseen =
        reads.hasSnapshot() ? store.parts().catalog().dropped().unseen(name, reads.at()) : null;
    if (unseen != null && !unseen.writes().isActive()) {
      throw keys.doomed(
          new ConflictException(
              "tree '" + name + "' has been dropped since the snapshot; run it again"));
    }
  }

  /** Calls {@link #open} and makes sure that the snapshot sees the same tree. */
  BTree openSeen(TreeDef<?, ?> definition) {
    BTree tree = open(definition);
    requireSeen(definition.name());
    return tree;
  }

  /** Claims the tree of that name, waiting for all who use it; null if there is none. */
  @Nullable Dropped claim(String name) {
    store.engine().restart().await(); // a loser may own keys of it
    Catalog catalog = store.parts().catalog();
    Dropped dropped = null;
    while (dropped == null) {
      awaitDrop(name);
      requireSeen(name);
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
      awaitUsers(dropped.entry().tree().treeId(), name);
      return dropped;
    } catch (RuntimeException | Error e) {
      catalog.endDrop(dropped);
      throw e;
    }
  }

  private void awaitUsers(int treeId, String name) {
    for (WriteTransaction other : users(treeId)) {
      await(
          other,
          () -> users(treeId),
          () -> "tree '" + name + "', which " + KeyWaits.named(other) + " uses");
    }
    try {
      reads.ownToWrite(store.parts().keys().requireNoOwner(treeId, owner.writes()));
    } catch (ConflictException | SnapshotTooOldException e) {
      throw keys.doomed(e);
    }
  }

  /** The other transactions that use the tree and have not ended. */
  private List<WriteTransaction> users(int treeId) {
    return store.active().stream()
        .filter(each -> each != owner && !each.waiting.ended && each.treeUse().uses(treeId))
        .toList();
  }
}
