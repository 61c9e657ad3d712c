package dev.redoubt.kv;

import dev.redoubt.io.StorageException;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Cell;
import dev.redoubt.kv.btree.Overflow;
import dev.redoubt.recovery.Savepoint;
import dev.redoubt.recovery.Transaction;

/**
 * How a read-write transaction changes trees: owns the key, then writes; what fails in between is
 * undone, as if it had not been tried. Confined to the transaction's user.
 */
final class TreeWrites {
  private final Store store;
  private final Transaction transaction;
  private final OwnedKeys keys;
  private final WriteSet writes;
  private final Leftovers leftovers;
  private final Lifecycle lifecycle;

  TreeWrites(
      Store store,
      Transaction transaction,
      OwnedKeys keys,
      WriteSet writes,
      Leftovers leftovers,
      Lifecycle lifecycle) {
    this.store = store;
    this.transaction = transaction;
    this.keys = keys;
    this.writes = writes;
    this.leftovers = leftovers;
    this.lifecycle = lifecycle;
  }

  void put(BTree tree, byte[] key, byte[] value) {
    store.parts().limits().check(tree, key, value.length);
    put(tree, key, value, keys.toWrite(tree, key));
  }

  private void put(BTree tree, byte[] key, byte[] value, Version mine) {
    boolean overflow = value.length > tree.maxInlineBytes(key.length);
    // A chain that was begun and not finished must not outlive a failure such as a full disk.
    long start = transaction.lastLsn();
    try {
      byte[] stored =
          overflow ? store.parts().overflow().write(transaction, tree.treeId(), value) : value;
      putStored(tree, key, stored, overflow, mine);
    } catch (RuntimeException | Error e) {
      undoTo(start, e);
      throw e;
    }
  }

  /**
   * Puts a value that comes piece by piece.
   *
   * @throws X if the source throws it; nothing has changed
   */
  <X extends Exception> void put(
      BTree tree, byte[] key, long lengthBytes, Overflow.ValueSource<X> source) throws X {
    store.parts().limits().check(tree, key, lengthBytes);
    if (lengthBytes <= tree.maxInlineBytes(key.length)) {
      byte[] value = new byte[(int) lengthBytes];
      fill(source, value, value.length);
      put(tree, key, value);
      return;
    }
    Version mine = keys.toWrite(tree, key);
    long start = transaction.lastLsn();
    try {
      byte[] chain =
          store
              .parts()
              .overflow()
              .write(
                  transaction,
                  tree.treeId(),
                  lengthBytes,
                  (piece, length) -> this.<X>fill(source, piece, length));
      putStored(tree, key, chain, true, mine);
    } catch (Throwable e) { // whatever the source throws, too
      undoTo(start, e);
      throw e;
    }
  }

  private <X extends Exception> void fill(
      Overflow.ValueSource<X> source, byte[] target, int lengthBytes) throws X {
    lifecycle.streaming(true);
    try {
      source.fill(target, lengthBytes);
    } finally {
      lifecycle.streaming(false);
    }
  }

  private void putStored(BTree tree, byte[] key, byte[] stored, boolean overflow, Version mine) {
    Leftovers.Replaced replaced = leftovers.next(mine);
    tree.put(transaction, key, stored, overflow, replaced);
    leftovers.replaced(transaction, replaced);
  }

  /** Adds to a number; an absent one is 0, and is owned alone. */
  void add(BTree tree, byte[] key, long delta) {
    store.parts().limits().check(tree, key, Long.BYTES);
    boolean there = tree.<Boolean>read(key, cell -> cell != null && !cell.ghost());
    if (there && tryAdd(tree, key, delta, keys.toIncrement(tree, key))) {
      return;
    }
    if (!tryAdd(tree, key, delta, keys.toIncrementAlone(tree, key))) {
      put(tree, key, Codecs.INT64.encode(delta), keys.toIncrementAlone(tree, key));
    }
  }

  /** Returns false if the key is absent. */
  private boolean tryAdd(BTree tree, byte[] key, long delta, Version mine) {
    long start = transaction.lastLsn();
    try {
      boolean added = tree.add(transaction, key, delta, new Added(store.parts(), mine, delta));
      if (added) {
        mine.logged(transaction.lastLsn());
      }
      return added;
    } catch (RuntimeException | Error e) {
      undoTo(start, e);
      throw e;
    }
  }

  /** Keeps what others see less one increment. */
  private record Added(StoreParts parts, Version mine, long delta) implements BTree.Increment {
    @Override
    public void install(Cell before) {
      parts.keys().shorten(mine, parts.versions());
      mine.writes.grow(mine.installIncrement(before, delta));
    }

    @Override
    public void withdraw() {
      mine.withdraw(delta);
    }
  }

  boolean delete(BTree tree, byte[] key) {
    Version mine = keys.toWrite(tree, key);
    long start = transaction.lastLsn();
    try {
      Leftovers.Replaced replaced = leftovers.next(mine);
      boolean deleted = tree.delete(transaction, key, replaced);
      if (deleted) {
        leftovers.deleted(mine.ref);
        leftovers.replaced(transaction, replaced);
      }
      return deleted;
    } catch (RuntimeException | Error e) {
      undoTo(start, e);
      throw e;
    }
  }

  /** Undoes an operation that failed; the transaction goes on as if it had not been tried. */
  private void undoTo(long startLsn, Throwable cause) {
    if (store.engine().log().gate().isHalted()) {
      return;
    }
    try {
      transaction.rollbackTo(startLsn);
      undone(startLsn);
    } catch (StorageException e) {
      lifecycle.doom(e); // half undone: it must not commit
      cause.addSuppressed(e);
    }
  }

  /** Undoes everything since. */
  void undoTo(Savepoint start) {
    try {
      transaction.rollbackTo(start);
    } catch (StorageException e) {
      lifecycle.doom(e); // half undone: it must not commit
      throw e;
    }
    undone(start.lsn());
  }

  private void undone(long lsn) {
    for (Version each = writes.first(); each != null; each = each.nextOfSet) {
      each.undoneTo(lsn);
    }
    leftovers.undoneTo(lsn);
  }
}
