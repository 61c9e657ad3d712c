package dev.redoubt.kv;

import dev.redoubt.io.StorageException;
import dev.redoubt.kv.DroppedTrees.Dropped;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.TreeWalk;
import dev.redoubt.recovery.Savepoint;
import dev.redoubt.recovery.Transaction;
import dev.redoubt.recovery.TransactionDoomedException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which trees a read-write transaction has dropped, or put others in the place of: empty ones, or
 * such that it fills (store rule 14). Who does not see the transaction goes on reading the old
 * tree; that is freed behind the commit, as a dropped one is, and one in its place that came to
 * nothing behind the end. Made by the first of them; confined to the transaction's user.
 */
final class TreeChanges {
  private static final long UNLOGGED = Long.MAX_VALUE;

  /** A drop, what takes the tree's place, if anything, and the LSN of its last record. */
  record Drop(Dropped dropped, Catalog.@Nullable Entry instead, long lsn) {
    int treeId() {
      return dropped.entry().tree().treeId();
    }
  }

  private final Store store;
  private final WriteTransaction owner;
  private final Transaction transaction;
  private final TreeUse use;
  private final Leftovers leftovers;

  /** In the order in which they happened; one that is being loaded is the last. */
  private List<Drop> drops = List.of();

  /** Of the trees that were dropped or replaced, and those in their place: their names. */
  private Map<Integer, String> names = Map.of();

  /** What the transaction has under those names; a name that is missing is dropped. */
  private Map<String, BTree> current = Map.of();

  TreeChanges(Store store, WriteTransaction owner) {
    this.store = store;
    this.owner = owner;
    this.transaction = owner.transaction();
    this.use = store.parts().treeUse();
    this.leftovers = owner.leftovers();
  }

  /**
   * Drops the tree as part of the transaction.
   *
   * @return false if there is none
   */
  boolean drop(String name) {
    Dropped claimed = use.claim(owner, name);
    if (claimed == null) {
      return false;
    }
    log(claimed, null);
    return true;
  }

  /** Puts an empty tree in the place of the one of that name, as part of the transaction. */
  void clear(String name) {
    Dropped claimed = claimed(name);
    log(claimed, instead(claimed));
  }

  private Dropped claimed(String name) {
    Dropped claimed = use.claim(owner, name);
    if (claimed == null) {
      throw gone(name);
    }
    return claimed;
  }

  private Catalog.Entry instead(Dropped claimed) {
    try {
      return store.parts().catalog().makeInstead(claimed.entry(), store.parts().pendingFree());
    } catch (RuntimeException | Error e) {
      store.parts().catalog().endDrop(claimed);
      throw e;
    }
  }

  /**
   * Claims a tree that is empty and makes the one that is to be filled instead; nothing is logged
   * by the transaction. {@link #endLoad} or {@link #giveUpLoad} must follow.
   *
   * @throws IllegalStateException if it has entries; nothing has changed
   */
  Drop beginLoad(String name) {
    Dropped claimed = claimed(name);
    boolean ok = false;
    try {
      if (!isEmpty(claimed.entry().tree())) {
        throw new IllegalStateException(
            "tree '%s' has entries; load into an empty tree, or clear it first".formatted(name));
      }
      ok = true;
    } finally {
      if (!ok) {
        store.parts().catalog().endDrop(claimed);
      }
    }
    Drop load = new Drop(claimed, instead(claimed), UNLOGGED);
    add(load);
    return load;
  }

  /**
   * @throws IllegalStateException if the load has been rolled back
   * @throws TransactionDoomedException if the engine has rolled the transaction back
   */
  void requireLoading(Drop load) {
    TransactionDoomedException doom = transaction.doomed();
    if (doom != null) {
      throw doom;
    }
    if (!drops.contains(load)) {
      throw new IllegalStateException(
          "the load of tree '"
              + load.dropped().name()
              + "' has been rolled back by what gives its entries");
    }
  }

  /** The tree is filled: it takes its place, as part of the transaction. */
  void endLoad(Drop load) {
    requireLoading(load);
    drops = without(load);
    log(load.dropped(), load.instead());
  }

  /** Nothing of a load has happened; harmless if it has been rolled back. */
  void giveUpLoad(Drop load) {
    if (drops.contains(load)) {
      drops = without(load);
      undone(load);
    }
  }

  private boolean isLoading() {
    return !drops.isEmpty() && drops.getLast().lsn() == UNLOGGED;
  }

  /** Refuses an end while a tree is being loaded. */
  void requireNoLoad() {
    if (isLoading()) {
      throw new IllegalStateException(
          "the transaction is loading tree '%s'; commit it when bulkLoad has returned"
              .formatted(drops.getLast().dropped().name()));
    }
  }

  private List<Drop> without(Drop load) {
    return drops.stream().filter(each -> !each.equals(load)).toList();
  }

  /** Why the transaction has nothing under that name. */
  IllegalStateException gone(String name) {
    return isLoading() && drops.getLast().dropped().name().equals(name)
        ? new IllegalStateException(
            "this transaction is loading tree '" + name + "', which cannot be used meanwhile")
        : new IllegalStateException(
            "this transaction has dropped tree '" + name + "'; make it again in the next one");
  }

  /** Whether there is no entry; ghosts are none. */
  private static boolean isEmpty(BTree tree) {
    boolean[] found = {false};
    TreeWalk.visit(
        tree,
        (_, cell) -> {
          found[0] = !cell.ghost();
          return !found[0];
        });
    return !found[0];
  }

  /** Logs what becomes of a tree that has been claimed. */
  private void log(Dropped claimed, Catalog.@Nullable Entry instead) {
    Catalog catalog = store.parts().catalog();
    BTree tree = claimed.entry().tree();
    Drop drop = new Drop(claimed, instead, UNLOGGED);
    Savepoint start = begin(drop);
    try {
      if (names.containsKey(tree.treeId())) {
        leftovers.droppedOwn(transaction, tree);
      } else {
        leftovers.dropped(transaction, tree);
      }
      if (instead == null) {
        catalog.delete(transaction, claimed.name());
      } else {
        leftovers.claim(transaction, instead.tree());
        catalog.replace(transaction, instead);
      }
      transaction.forget(start);
    } catch (RuntimeException | Error e) {
      giveUp(start, drop, e);
      throw e;
    }
    if (instead != null) {
      catalog.show(instead);
    }
    add(new Drop(claimed, instead, transaction.lastLsn()));
  }

  /** The engine may have rolled the transaction back while it made the tree or filled it. */
  private Savepoint begin(Drop drop) {
    try {
      return transaction.savepoint();
    } catch (RuntimeException | Error e) {
      undone(drop);
      throw e;
    }
  }

  private void add(Drop drop) {
    List<Drop> more = new ArrayList<>(drops);
    more.add(drop);
    drops = more;
    String name = drop.dropped().name();
    Map<Integer, String> named = new HashMap<>(names);
    named.put(drop.treeId(), name);
    Map<String, BTree> shown = new HashMap<>(current);
    shown.remove(name);
    if (drop.instead() != null && drop.lsn() != UNLOGGED) {
      named.put(drop.instead().tree().treeId(), name);
      shown.put(name, drop.instead().tree());
    }
    names = named;
    current = shown;
    owner.writes().drops(treeIds());
  }

  private void giveUp(Savepoint start, Drop drop, Throwable cause) {
    if (store.engine().log().gate().isHalted()) {
      return;
    }
    try {
      owner.undoTo(start);
    } catch (StorageException e) {
      cause.addSuppressed(e);
      add(drop);
      return; // half undone: nobody may use the tree before the transaction is rolled back
    }
    undone(drop);
  }

  private void undone(Drop drop) {
    store.parts().catalog().endDrop(drop.dropped());
    Map<String, BTree> shown = new HashMap<>(current);
    shown.put(drop.dropped().name(), drop.dropped().entry().tree());
    current = shown;
    if (drop.instead() != null) {
      leftovers.abandoned(drop.instead().tree());
    }
    owner.writes().drops(treeIds());
  }

  private int[] treeIds() {
    return drops.stream().mapToInt(Drop::treeId).toArray();
  }

  /** Refuses what must not be prepared. */
  void requireNone() {
    if (!drops.isEmpty()) {
      throw new IllegalStateException(
          "a transaction that has dropped, cleared or loaded a tree cannot be prepared; removeRange"
              + " and put are for those");
    }
  }

  /**
   * The tree that the transaction has in the place of one that it opened; mostly that one.
   *
   * @throws IllegalStateException if it has dropped it, or is loading it
   */
  BTree current(BTree opened) {
    if (names.isEmpty()) {
      return opened;
    }
    String name = names.get(opened.treeId());
    if (name == null) {
      return opened;
    }
    BTree tree = current.get(name);
    if (tree == null) {
      throw gone(name);
    }
    return tree;
  }

  /** Refuses a scan of a tree that the transaction itself has dropped or cleared since. */
  void requireNotDropped(int treeId) {
    String name = names.isEmpty() ? null : names.get(treeId);
    if (name != null) {
      BTree tree = current.get(name);
      if (tree == null) {
        throw gone(name);
      }
      if (tree.treeId() != treeId) {
        throw new IllegalStateException(
            "this transaction has cleared tree '" + name + "' since; begin the scan again");
      }
    }
  }

  /** Drops behind {@code lsn} have been undone. */
  void undoneTo(long lsn) {
    while (!drops.isEmpty() && drops.getLast().lsn() > lsn) {
      Drop last = drops.getLast();
      drops = drops.subList(0, drops.size() - 1);
      undone(last);
    }
  }
}
