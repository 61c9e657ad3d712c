package dev.redoubt.kv;

import dev.redoubt.io.StorageException;
import dev.redoubt.kv.DroppedTrees.Dropped;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.recovery.Savepoint;
import dev.redoubt.recovery.Transaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Which trees a read-write transaction uses, and which it drops (store rule 14). Whoever drops a
 * tree first says so, then waits for all who use it; whoever comes to use one says so, then looks
 * whether it is being dropped: one of the two sees the other. Confined to the transaction's user,
 * but for {@link #uses}.
 */
final class TreeUse {
  private static final int[] NONE = {};

  /** A drop and the LSN of its last record. */
  private record Drop(Dropped dropped, long lsn) {
    int treeId() {
      return dropped.entry().tree().treeId();
    }
  }

  private final Store store;
  private final WriteTransaction owner;
  private final Transaction transaction;
  private final OwnedKeys keys;
  private final TransactionReads reads;
  private final Leftovers leftovers;

  private volatile int[] used = NONE;
  private List<Drop> drops = List.of();

  TreeUse(
      Store store,
      WriteTransaction owner,
      Transaction transaction,
      OwnedKeys keys,
      TransactionReads reads,
      Leftovers leftovers) {
    this.store = store;
    this.owner = owner;
    this.transaction = transaction;
    this.keys = keys;
    this.reads = reads;
    this.leftovers = leftovers;
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
      if (dropped != null
          && dropped.writes() != owner.writes()
          && uses(dropped.entry().tree().treeId())) {
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

  /** Waits for another transaction that is dropping the tree. */
  private void awaitDrop(String name) {
    Dropped dropped = store.parts().catalog().dropped().active(name);
    if (dropped == null) {
      return;
    }
    if (dropped.writes() == owner.writes()) {
      throw new IllegalStateException(
          "this transaction has dropped tree '" + name + "'; make it again in the next one");
    }
    if (dropped.writes().owner() instanceof WriteTransaction other) {
      await(other, List::of, "tree '" + name + "' is being dropped by transaction " + other.id());
    }
  }

  private void await(WriteTransaction other, Supplier<List<WriteTransaction>> others, String what) {
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

  /**
   * Drops the tree as part of the transaction.
   *
   * @return false if there is none
   */
  boolean drop(String name) {
    store.engine().restart().await(); // a loser may own keys of it
    Catalog catalog = store.parts().catalog();
    Dropped dropped = null;
    while (dropped == null) {
      awaitDrop(name);
      requireSeen(name);
      Catalog.Entry entry = catalog.entry(name);
      if (entry == null) {
        if (catalog.dropped().active(name) == null) {
          return false;
        }
        continue;
      }
      dropped = catalog.beginDrop(entry, owner.writes());
    }
    Savepoint start = transaction.savepoint();
    try {
      awaitUsers(dropped.entry().tree().treeId(), name);
      catalog.delete(transaction, name);
      leftovers.dropped(transaction, dropped.entry().tree());
      transaction.forget(start);
    } catch (RuntimeException | Error e) {
      giveUp(start, dropped, e);
      throw e;
    }
    List<Drop> more = new ArrayList<>(drops);
    more.add(new Drop(dropped, transaction.lastLsn()));
    drops = more;
    owner.writes().drops(treeIds());
    return true;
  }

  private void giveUp(Savepoint start, Dropped dropped, Throwable cause) {
    if (store.engine().log().gate().isHalted()) {
      return;
    }
    try {
      owner.undoTo(start);
    } catch (StorageException e) {
      cause.addSuppressed(e);
      return; // half undone: nobody may use the tree before it is
    }
    store.parts().catalog().endDrop(dropped);
  }

  private void awaitUsers(int treeId, String name) {
    for (WriteTransaction other : users(treeId)) {
      await(
          other,
          () -> users(treeId),
          "tree '" + name + "', which transaction " + other.id() + " uses");
    }
    try {
      store.parts().keys().requireNoOwner(treeId, owner.writes());
    } catch (ConflictException e) {
      throw keys.doomed(e);
    }
  }

  /** The other transactions that use the tree and have not ended. */
  private List<WriteTransaction> users(int treeId) {
    return store.active().stream()
        .filter(each -> each != owner && !each.waiting.ended && each.treeUse().uses(treeId))
        .toList();
  }

  private int[] treeIds() {
    return drops.stream().mapToInt(Drop::treeId).toArray();
  }

  /** Whether it has dropped anything. */
  boolean hasDropped() {
    return !drops.isEmpty();
  }

  /** Refuses a view of a tree that the transaction itself has dropped. */
  void requireNotDropped(int treeId) {
    if (drops.isEmpty()) {
      return;
    }
    for (Drop each : drops) {
      if (each.treeId() == treeId) {
        throw new IllegalStateException(
            "this transaction has dropped tree '" + each.dropped().name() + "'");
      }
    }
  }

  /** Drops behind {@code lsn} have been undone. */
  void undoneTo(long lsn) {
    if (drops.isEmpty()) {
      return;
    }
    List<Drop> left = new ArrayList<>();
    for (Drop each : drops) {
      if (each.lsn() > lsn) {
        store.parts().catalog().endDrop(each.dropped());
      } else {
        left.add(each);
      }
    }
    drops = left;
    owner.writes().drops(treeIds());
  }
}
