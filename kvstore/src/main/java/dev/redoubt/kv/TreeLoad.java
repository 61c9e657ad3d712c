package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.TreeBuilder;
import dev.redoubt.recovery.Engine;
import dev.redoubt.recovery.Transaction;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;

/**
 * One load of a tree, from sorted entries (store rule 14). A new tree is filled by system changes,
 * each of which leaves it sound; it stands on the list of trees to be freed from before its first
 * page on, so that after a crash restart frees it. The transaction logs no more than that it takes
 * the tree off that list and names it in the catalog. User code runs with the transaction not
 * entered. One use; confined to the transaction's user.
 */
final class TreeLoad<K, V> {
  private final WriteTransaction transaction;
  private final Store store;
  private final TreeDef<K, V> definition;
  private final BTree target;

  TreeLoad(WriteTransaction transaction, TreeDef<K, V> definition, BTree target) {
    this.transaction = transaction;
    this.store = transaction.store();
    this.definition = definition;
    this.target = target;
  }

  long run(Iterator<? extends Map.Entry<? extends K, ? extends V>> sorted, double fill) {
    TreeChanges.Drop load = begin();
    boolean done = false;
    try {
      BTree tree = Objects.requireNonNull(load.instead()).tree();
      TreeBuilder builder = new TreeBuilder(tree, fill);
      while (sorted.hasNext()) {
        Map.Entry<? extends K, ? extends V> entry =
            Objects.requireNonNull(sorted.next(), "an entry must not be null");
        byte[] key =
            RawBytes.toLookUp(
                definition.keys(),
                Objects.requireNonNull(entry.getKey(), "a key must not be null"));
        byte[] value =
            RawBytes.toLookUp(
                definition.values(),
                Objects.requireNonNull(entry.getValue(), "a value must not be null"));
        store.parts().limits().check(tree, key, value.length);
        if (value.length > tree.maxInlineBytes(key.length)) {
          step(load, () -> addLarge(builder, tree, key, value));
        } else if (builder.collect(key, value)) {
          step(load, builder::closeFull);
        }
      }
      step(
          load,
          () -> {
            builder.finish();
            transaction.treeChanges().endLoad(load);
          });
      done = true;
      return builder.count();
    } finally {
      if (!done) {
        giveUp(load);
      }
    }
  }

  private TreeChanges.Drop begin() {
    transaction.enter();
    try {
      transaction.current(target);
      transaction.changed();
      return transaction.treeChanges().beginLoad(definition.name());
    } finally {
      transaction.leave();
    }
  }

  /** A part of the load, in a turn of its own. */
  private void step(TreeChanges.Drop load, Runnable part) {
    transaction.enter();
    try {
      transaction.treeChanges().requireLoading(load);
      part.run();
    } finally {
      transaction.leave();
    }
  }

  private void addLarge(TreeBuilder builder, BTree tree, byte[] key, byte[] value) {
    builder.roomForLarge(key);
    Engine engine = store.engine();
    Transaction system = engine.begin();
    boolean done = false;
    try {
      byte[] reference = store.parts().overflow().write(system, tree.treeId(), value);
      builder.addLarge(system, key, reference);
      system.commit();
      done = true;
      system.end();
    } finally {
      if (!done && !engine.log().gate().isHalted()) {
        system.rollback();
      }
    }
  }

  /** What was built is freed when the transaction ends; if it has, that has been seen to. */
  private void giveUp(TreeChanges.Drop load) {
    transaction.enterToGiveUp();
    try {
      transaction.treeChanges().giveUpLoad(load);
    } finally {
      transaction.leave();
    }
  }
}
