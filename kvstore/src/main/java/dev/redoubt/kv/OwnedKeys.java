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
    Version mine = acquire(tree, key);
    try {
      reads.ownToWrite(mine.base);
      return mine;
    } catch (ConflictException | SnapshotTooOldException e) {
      throw doomed(e);
    }
  }

  /** Owns the key, to read it too; returns whether the snapshot has moved. */
  boolean toRead(BTree tree, byte[] key) {
    Version mine = acquire(tree, key);
    try {
      return reads.ownToRead(mine.base);
    } catch (ConflictException | SnapshotTooOldException e) {
      throw doomed(e);
    }
  }

  private Version acquire(BTree tree, byte[] key) {
    store.parts().versions().admit(owner.writes());
    try {
      return store
          .parts()
          .keys()
          .acquire(owner, new KeyRef(tree.treeId(), key), store.parts().versions());
    } catch (ConflictException e) {
      throw doomed(e);
    }
  }

  /** The transaction can only be rolled back; gives the reason to be thrown. */
  StoreException doomed(StoreException why) {
    lifecycle.doom(why);
    return why;
  }
}
