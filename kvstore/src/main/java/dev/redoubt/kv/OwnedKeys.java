package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;

/**
 * How a read-write transaction becomes the owner of keys; a conflict dooms it even if user code
 * swallows the exception (store rule 11). Confined to the transaction's user.
 */
final class OwnedKeys {
  private final Store store;
  private final WriteTransaction owner;
  private final TransactionReads reads;
  private final Lifecycle lifecycle;

  OwnedKeys(Store store, WriteTransaction owner, TransactionReads reads, Lifecycle lifecycle) {
    this.store = store;
    this.owner = owner;
    this.reads = reads;
    this.lifecycle = lifecycle;
  }

  /** Owns the key, to write it. */
  Version toWrite(BTree tree, byte[] key) {
    Version mine = acquire(tree, key, false);
    try {
      reads.ownToWrite(mine.base);
      return mine;
    } catch (ConflictException | SnapshotTooOldException e) {
      throw doomed(e);
    }
  }

  /** Owns the key, to read it too; returns whether the snapshot has moved. */
  boolean toRead(BTree tree, byte[] key) {
    Version mine = acquire(tree, key, false);
    try {
      return reads.ownToRead(mine.base);
    } catch (ConflictException | SnapshotTooOldException e) {
      throw doomed(e);
    }
  }

  /**
   * Owns the key to add to its number, beside others who do; alone, if it has been owned so before.
   * An increment reads nothing: what is newer than the snapshot does not matter.
   */
  Version toIncrement(BTree tree, byte[] key) {
    return acquire(tree, key, true);
  }

  /** Owns the key alone, to add to what may not be there; as {@link #toIncrement} else. */
  Version toIncrementAlone(BTree tree, byte[] key) {
    return acquire(tree, key, false);
  }

  private Version acquire(BTree tree, byte[] key, boolean toIncrement) {
    store.parts().versions().admit(owner.writes());
    try {
      KeyRef ref = new KeyRef(tree.treeId(), key);
      return store.parts().keys().acquire(owner, ref, toIncrement, store.parts().versions());
    } catch (ConflictException e) {
      throw doomed(e);
    }
  }

  /** The transaction can only be rolled back; gives the reason to be thrown. */
  StoreException doomed(StoreException why) {
    ConflictEvent.report(owner.id(), why);
    lifecycle.doom(why);
    return why;
  }
}
