package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Overflow;
import org.jspecify.annotations.Nullable;

/**
 * What the views of a read-write transaction do with raw keys, each a turn of its own of the
 * transaction's user. Guarded by the transaction's {@link Lifecycle}.
 */
final class KeyOperations {
  private final Store store;
  private final WriteTransaction transaction;
  private final OwnedKeys keys;
  private final TreeWrites treeWrites;
  private long changes;

  KeyOperations(Store store, WriteTransaction transaction, OwnedKeys keys, TreeWrites treeWrites) {
    this.store = store;
    this.transaction = transaction;
    this.keys = keys;
    this.treeWrites = treeWrites;
  }

  /** Grows with every change of what the transaction may see. */
  long changes() {
    return changes;
  }

  /** Something was undone. */
  void changed() {
    changes++;
  }

  /** Owns the key first, so that what is read stays true until the end. */
  byte @Nullable [] getOwned(BTree tree, byte[] key) {
    transaction.enter();
    try {
      BTree current = transaction.treeChanges().current(tree);
      if (keys.toRead(current, key)) {
        changes++;
      }
      return store.parts().reader().get(transaction, current, key);
    } finally {
      transaction.leave();
    }
  }

  void put(BTree tree, byte[] key, byte[] value) {
    transaction.enter();
    try {
      BTree current = transaction.treeChanges().current(tree);
      changes++;
      treeWrites.put(current, key, value);
    } finally {
      transaction.leave();
    }
  }

  void add(BTree tree, byte[] key, long delta) {
    transaction.enter();
    try {
      BTree current = transaction.treeChanges().current(tree);
      changes++;
      treeWrites.add(current, key, delta);
    } finally {
      transaction.leave();
    }
  }

  <X extends Exception> void put(
      BTree tree, byte[] key, long lengthBytes, Overflow.ValueSource<X> source) throws X {
    transaction.enter();
    try {
      BTree current = transaction.treeChanges().current(tree);
      changes++;
      treeWrites.put(current, key, lengthBytes, source);
    } finally {
      transaction.leave();
    }
  }

  boolean delete(BTree tree, byte[] key) {
    transaction.enter();
    try {
      BTree current = transaction.treeChanges().current(tree);
      changes++;
      return treeWrites.delete(current, key);
    } finally {
      transaction.leave();
    }
  }
}
