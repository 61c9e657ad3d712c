package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.BTree.Before;
import dev.redoubt.kv.btree.Cell;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what one write replaces: the before-image for others, the chain to be freed. Used again
 * for every write of a transaction; guarded by the transaction's user.
 */
final class Replaced implements BTree.BeforeImage {
  private Version mine;
  private byte @Nullable [] chain;
  private boolean ghostNeeded;

  Replaced(Version mine) {
    this.mine = mine;
  }

  /** The next write is the one of that version; returns this. */
  Replaced by(Version version) {
    mine = version;
    chain = null;
    ghostNeeded = false;
    return this;
  }

  @Override
  public Before install(@Nullable Cell cell) {
    boolean ghostOfOthers = cell != null && cell.ghost() && !mine.isWritten();
    chain = cell != null && !cell.ghost() && cell.overflow() ? cell.value() : null;
    mine.writes.grow(mine.install(cell));
    // Undo must leave the ghost if an older version is kept: scans meet the key by its cell.
    ghostNeeded = ghostOfOthers && mine.older != null;
    return ghostOfOthers && !ghostNeeded ? Before.ABSENT : Before.AS_IT_IS;
  }

  /** The write has been logged; what it leaves is remembered. */
  void logged(WriteTransaction tx) {
    mine.logged(tx.transaction().lastLsn());
    byte[] replaced = chain;
    if (ghostNeeded) {
      tx.leftovers().revived(mine.alone());
    }
    if (replaced != null) {
      tx.leftovers().replaced(tx.transaction(), replaced);
    }
  }
}
