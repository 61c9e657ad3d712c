package dev.redoubt.kv;

import dev.redoubt.kv.btree.BTree;
import dev.redoubt.recovery.Transaction;
import java.util.ArrayList;
import java.util.List;

/**
 * What a transaction's writes leave to be cleared up once it has committed: ghosts, and the chains
 * of values that it replaced (recovery rule 15). Guarded by the transaction's user.
 */
final class Leftovers {
  private final PendingFree pendingFree;
  private List<KeyRef> ghosts = List.of();

  /** Keys that undo turns into the ghosts they were. */
  private List<KeyRef> revived = List.of();

  private List<Replacement> replacedChains = List.of();

  /** Trees made for this transaction, which it has put into the catalog. */
  private List<Replacement> claims = List.of();

  /** The same, of which it has made nothing. */
  private List<byte[]> abandoned = List.of();

  /** A chain put on the list of those to be freed, by the record at {@code lsn}. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Replacement(byte[] pendingKey, long lsn) {}

  Leftovers(PendingFree pendingFree) {
    this.pendingFree = pendingFree;
  }

  /** The list with one more; an empty one takes no memory. */
  private static <T> List<T> with(List<T> list, T more) {
    List<T> all = list.isEmpty() ? new ArrayList<>() : list;
    all.add(more);
    return all;
  }

  /** Undo would turn the key into the ghost that it was. */
  void revived(KeyRef ref) {
    revived = with(revived, ref);
  }

  /**
   * A write has been logged that replaced a value with a chain: puts that on the list of those to
   * be freed.
   */
  void replaced(Transaction transaction, byte[] reference) {
    byte[] pendingKey = pendingFree.add(transaction, reference);
    replacedChains = with(replacedChains, new Replacement(pendingKey, transaction.lastLsn()));
  }

  /** The tree has been dropped: it is freed as a chain that was replaced. */
  void dropped(Transaction transaction, BTree tree) {
    byte[] pendingKey = pendingFree.addTree(transaction, tree);
    replacedChains = with(replacedChains, new Replacement(pendingKey, transaction.lastLsn()));
  }

  /** The same of a tree that the transaction itself had put in its place. */
  void droppedOwn(Transaction transaction, BTree tree) {
    byte[] pendingKey = pendingFree.addClaimed(transaction, tree);
    replacedChains = with(replacedChains, new Replacement(pendingKey, transaction.lastLsn()));
  }

  /** Takes a tree that was made for the transaction off the list of those to be freed. */
  void claim(Transaction transaction, BTree tree) {
    pendingFree.claim(transaction, tree);
    claims = with(claims, new Replacement(PendingFree.treeKey(tree), transaction.lastLsn()));
  }

  /** A tree that was made for the transaction is not wanted: it is on the list, and is freed. */
  void abandoned(BTree tree) {
    abandoned = with(abandoned, PendingFree.treeKey(tree));
  }

  /** Restart: a prepared transaction has changed this key; whether it deleted it is not known. */
  void found(KeyRef ref) {
    if (ref.treeId() == Catalog.PENDING_TREE_ID) {
      replacedChains = with(replacedChains, new Replacement(ref.key(), 0));
    } else {
      ghosts = with(ghosts, ref);
    }
  }

  void deleted(KeyRef ref) {
    ghosts = with(ghosts, ref);
  }

  /**
   * What came after {@code lsn} has been undone: the entries of its chains are off the list again,
   * and others may put these chains on it (rule 15).
   */
  void undoneTo(long lsn) {
    if (!replacedChains.isEmpty()) {
      replacedChains.removeIf(each -> each.lsn() > lsn);
    }
    if (!claims.isEmpty()) {
      claims.removeIf(each -> each.lsn() > lsn);
    }
  }

  /** Everything has been undone: what was deleted is back, what was put is gone. */
  void undone() {
    ghosts = List.of();
    replacedChains = List.of();
    claims = List.of();
  }

  /** Hands over what is left, to be cleared up once commits up to {@code ts} are reclaimed. */
  void handOver(Housekeeper housekeeper, long ts) {
    for (int i = 0; i < revived.size(); i++) { // mostly empty: no iterator for it
      ghosts = with(ghosts, revived.get(i));
    }
    if (!claims.isEmpty()) {
      housekeeper.forgetClaims(claims.stream().map(Replacement::pendingKey).toList(), ts);
    }
    List<byte[]> chains = abandoned;
    for (int i = 0; i < replacedChains.size(); i++) {
      chains = with(chains, replacedChains.get(i).pendingKey());
    }
    housekeeper.accept(ghosts, chains, ts);
  }
}
