package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Overflow;
import org.jspecify.annotations.Nullable;

/**
 * What the views of a read-write transaction do with raw keys, each a turn of its own of the
 * transaction's user. One for a store.
 */
final class KeyOperations {
  private final OwnedKeys keys;
  private final TreeWrites treeWrites;
  private final TreeReader reader;

  KeyOperations(OwnedKeys keys, TreeWrites treeWrites, TreeReader reader) {
    this.keys = keys;
    this.treeWrites = treeWrites;
    this.reader = reader;
  }

  /** Owns the key first, so that what is read stays true until the end. */
  byte @Nullable [] getOwned(WriteTransaction tx, BTree tree, byte[] key) {
    tx.enter();
    try {
      BTree current = tx.current(tree);
      if (keys.toRead(tx, current, key)) {
        tx.changed();
      }
      return reader.get(tx, current, key);
    } finally {
      tx.leave();
    }
  }

  void put(WriteTransaction tx, BTree tree, byte[] key, byte[] value) {
    tx.enter();
    try {
      BTree current = tx.current(tree);
      tx.changed();
      treeWrites.put(tx, current, key, value);
    } finally {
      tx.leave();
    }
  }

  void add(WriteTransaction tx, BTree tree, byte[] key, long delta) {
    tx.enter();
    try {
      BTree current = tx.current(tree);
      tx.changed();
      treeWrites.add(tx, current, key, delta);
    } finally {
      tx.leave();
    }
  }

  <X extends Exception> void put(
      WriteTransaction tx, BTree tree, byte[] key, long lengthBytes, Overflow.ValueSource<X> source)
      throws X {
    tx.enter();
    try {
      BTree current = tx.current(tree);
      tx.changed();
      treeWrites.put(tx, current, key, lengthBytes, source);
    } finally {
      tx.leave();
    }
  }

  boolean delete(WriteTransaction tx, BTree tree, byte[] key) {
    tx.enter();
    try {
      BTree current = tx.current(tree);
      tx.changed();
      return treeWrites.delete(tx, current, key);
    } finally {
      tx.leave();
    }
  }
}
