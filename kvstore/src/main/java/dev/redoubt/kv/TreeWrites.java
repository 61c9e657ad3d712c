package dev.redoubt.kv;

import dev.redoubt.io.HaltGate;
import dev.redoubt.io.StorageException;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.Cell;
import dev.redoubt.kv.btree.Overflow;
import dev.redoubt.recovery.Savepoint;
import dev.redoubt.recovery.Transaction;

/**
 * How a read-write transaction changes trees: owns the key, then writes; what fails in between is
 * undone, as if it had not been tried. One for a store; each call is of the transaction's user.
 */
final class TreeWrites {
  private final Limits limits;
  private final OwnedKeys owned;
  private final KeyTable keys;
  private final VersionKeeper versions;
  private final Overflow overflow;
  private final HaltGate gate;

  TreeWrites(
      Limits limits,
      OwnedKeys owned,
      KeyTable keys,
      VersionKeeper versions,
      Overflow overflow,
      HaltGate gate) {
    this.limits = limits;
    this.owned = owned;
    this.keys = keys;
    this.versions = versions;
    this.overflow = overflow;
    this.gate = gate;
  }

  void put(WriteTransaction tx, BTree tree, byte[] key, byte[] value) {
    limits.check(tree, key, value.length);
    put(tx, tree, key, value, owned.toWrite(tx, tree, key));
  }

  private void put(WriteTransaction tx, BTree tree, byte[] key, byte[] value, Version mine) {
    Transaction transaction = tx.transaction();
    boolean large = value.length > tree.maxInlineBytes(key.length);
    // A chain that was begun and not finished must not outlive a failure such as a full disk.
    long start = transaction.lastLsn();
    try {
      byte[] stored = large ? overflow.write(transaction, tree.treeId(), value) : value;
      putStored(tx, tree, key, stored, large, mine);
    } catch (RuntimeException | Error e) {
      undoTo(tx, start, e);
      throw e;
    }
  }

  /**
   * Puts a value that comes piece by piece.
   *
   * @throws X if the source throws it; nothing has changed
   */
  <X extends Exception> void put(
      WriteTransaction tx, BTree tree, byte[] key, long lengthBytes, Overflow.ValueSource<X> source)
      throws X {
    limits.check(tree, key, lengthBytes);
    if (lengthBytes <= tree.maxInlineBytes(key.length)) {
      byte[] value = new byte[(int) lengthBytes];
      fill(tx, source, value, value.length);
      put(tx, tree, key, value);
      return;
    }
    Transaction transaction = tx.transaction();
    Version mine = owned.toWrite(tx, tree, key);
    long start = transaction.lastLsn();
    try {
      byte[] chain =
          overflow.write(
              transaction,
              tree.treeId(),
              lengthBytes,
              (piece, length) -> this.<X>fill(tx, source, piece, length));
      putStored(tx, tree, key, chain, true, mine);
    } catch (Throwable e) { // whatever the source throws, too
      undoTo(tx, start, e);
      throw e;
    }
  }

  private <X extends Exception> void fill(
      WriteTransaction tx, Overflow.ValueSource<X> source, byte[] target, int lengthBytes)
      throws X {
    tx.lifecycle().streaming(true);
    try {
      source.fill(target, lengthBytes);
    } finally {
      tx.lifecycle().streaming(false);
    }
  }

  private static void putStored(
      WriteTransaction tx, BTree tree, byte[] key, byte[] stored, boolean large, Version mine) {
    Replaced replaced = tx.replacedBy(mine);
    tree.put(tx.transaction(), key, stored, large, replaced);
    replaced.logged(tx);
  }

  /** Adds to a number; an absent one is 0, and is owned alone. */
  void add(WriteTransaction tx, BTree tree, byte[] key, long delta) {
    limits.check(tree, key, Long.BYTES);
    boolean there = tree.<Boolean>read(key, cell -> cell != null && !cell.ghost());
    if (there && tryAdd(tx, tree, key, delta, owned.toIncrement(tx, tree, key))) {
      return;
    }
    if (!tryAdd(tx, tree, key, delta, owned.toIncrementAlone(tx, tree, key))) {
      byte[] number = Codecs.INT64.encode(delta);
      put(tx, tree, key, number, owned.toIncrementAlone(tx, tree, key));
    }
  }

  /** Returns false if the key is absent. */
  private boolean tryAdd(WriteTransaction tx, BTree tree, byte[] key, long delta, Version mine) {
    Transaction transaction = tx.transaction();
    long start = transaction.lastLsn();
    try {
      boolean added = tree.add(transaction, key, delta, new Added(keys, versions, mine, delta));
      if (added) {
        mine.logged(transaction.lastLsn());
      }
      return added;
    } catch (RuntimeException | Error e) {
      undoTo(tx, start, e);
      throw e;
    }
  }

  /** Keeps what others see less one increment. */
  private record Added(KeyTable keys, VersionKeeper versions, Version mine, long delta)
      implements BTree.Increment {
    @Override
    public void install(Cell before) {
      keys.shorten(mine, versions);
      mine.writes.grow(mine.installIncrement(before, delta));
    }

    @Override
    public void withdraw() {
      mine.withdraw(delta);
    }
  }

  boolean delete(WriteTransaction tx, BTree tree, byte[] key) {
    Version mine = owned.toWrite(tx, tree, key);
    long start = tx.transaction().lastLsn();
    try {
      Replaced replaced = tx.replacedBy(mine);
      boolean deleted = tree.delete(tx.transaction(), key, replaced);
      if (deleted) {
        tx.leftovers().deleted(mine.alone());
        replaced.logged(tx);
      }
      return deleted;
    } catch (RuntimeException | Error e) {
      undoTo(tx, start, e);
      throw e;
    }
  }

  /** Undoes an operation that failed; the transaction goes on as if it had not been tried. */
  private void undoTo(WriteTransaction tx, long startLsn, Throwable cause) {
    if (gate.isHalted()) {
      return;
    }
    try {
      tx.transaction().rollbackTo(startLsn);
      undone(tx, startLsn);
    } catch (StorageException e) {
      tx.lifecycle().doom(e); // half undone: it must not commit
      cause.addSuppressed(e);
    }
  }

  /** Undoes everything since. */
  static void undoTo(WriteTransaction tx, Savepoint start) {
    try {
      tx.transaction().rollbackTo(start);
    } catch (StorageException e) {
      tx.lifecycle().doom(e); // half undone: it must not commit
      throw e;
    }
    undone(tx, start.lsn());
  }

  private static void undone(WriteTransaction tx, long lsn) {
    for (Version each = tx.writes().first(); each != null; each = each.nextOfSet) {
      each.undoneTo(lsn);
    }
    tx.leftovers().undoneTo(lsn);
  }
}
