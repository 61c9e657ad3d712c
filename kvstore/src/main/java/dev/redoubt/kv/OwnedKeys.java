package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;

/**
 * How a read-write transaction becomes the owner of keys; a conflict dooms it even if user code
 * swallows the exception (store rule 11). One for a store; each call is of the transaction's user.
 */
final class OwnedKeys {
  private final KeyTable keys;
  private final VersionKeeper versions;

  OwnedKeys(KeyTable keys, VersionKeeper versions) {
    this.keys = keys;
    this.versions = versions;
  }

  /** Owns the key, to write it. The array is kept, and must not change. */
  Version toWrite(WriteTransaction owner, BTree tree, byte[] key) {
    Version mine = acquire(owner, tree, key, false);
    if (owner.isolation() == Isolation.SNAPSHOT) {
      try {
        owner.reads().ownToWrite(mine.base);
      } catch (ConflictException | SnapshotTooOldException e) {
        throw owner.doomed(e);
      }
    }
    return mine;
  }

  /** Owns the key, to read it too; returns whether the snapshot has moved. */
  boolean toRead(WriteTransaction owner, BTree tree, byte[] key) {
    Version mine = acquire(owner, tree, key, false);
    try {
      return owner.reads().ownToRead(mine.base);
    } catch (ConflictException | SnapshotTooOldException e) {
      throw owner.doomed(e);
    }
  }

  /**
   * Owns the key to add to its number, beside others who do; alone, if it has been owned so before.
   * An increment reads nothing: what is newer than the snapshot does not matter.
   */
  Version toIncrement(WriteTransaction owner, BTree tree, byte[] key) {
    return acquire(owner, tree, key, true);
  }

  /** Owns the key alone, to add to what may not be there; as {@link #toIncrement} else. */
  Version toIncrementAlone(WriteTransaction owner, BTree tree, byte[] key) {
    return acquire(owner, tree, key, false);
  }

  private Version acquire(WriteTransaction owner, BTree tree, byte[] key, boolean toIncrement) {
    versions.admit(owner.writes());
    try {
      return keys.acquire(owner, tree.treeId(), key, toIncrement, versions);
    } catch (ConflictException e) {
      throw owner.doomed(e);
    }
  }
}
