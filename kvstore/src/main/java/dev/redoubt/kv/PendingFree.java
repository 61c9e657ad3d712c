package dev.redoubt.kv;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.LazyLogger;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.BTree.Before;
import dev.redoubt.kv.btree.Overflow;
import dev.redoubt.kv.btree.TreeWalk;
import dev.redoubt.recovery.Transaction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The logged list of overflow chains that a transaction replaced or deleted and that are freed
 * after its commit (recovery rule 15). Entries are written by the transaction itself, so they go
 * with it when it rolls back. Thread-safe.
 */
final class PendingFree {
  private static final System.Logger LOG = LazyLogger.of(PendingFree.class);

  private final BTree pending;
  private final Overflow overflow;
  private volatile @Nullable TreeDisposal disposal;

  /** Keys added since the store was opened, until what was left before has been read. */
  private volatile @Nullable Set<ByteBuffer> added = ConcurrentHashMap.newKeySet();

  PendingFree(BTree pending, Overflow overflow) {
    this.pending = pending;
    this.overflow = overflow;
  }

  /** Adds the chain to the list as part of {@code transaction}; returns its key in the list. */
  byte[] add(Transaction transaction, byte[] reference) {
    byte[] key = Overflow.pendingKey(reference);
    Set<ByteBuffer> notLeft = added;
    if (notLeft != null) {
      notLeft.add(ByteBuffer.wrap(key)); // before it can be read from the list
    }
    pending.put(
        transaction,
        key,
        Overflow.pendingValue(reference),
        false,
        cell -> cell != null && cell.ghost() ? Before.ABSENT : Before.AS_IT_IS);
    return key;
  }

  /**
   * Adds a tree to the list as part of {@code transaction}, which drops it, or makes it for another
   * to {@link #claim}; returns its key in the list: the root page, as for chains. Its value tells
   * it apart: no next page, and the tree's id.
   */
  byte[] addTree(Transaction transaction, BTree tree) {
    return addTree(
        transaction, tree, cell -> cell != null && cell.ghost() ? Before.ABSENT : Before.AS_IT_IS);
  }

  /** The same for a tree that the transaction itself has claimed: the ghost is its own. */
  byte[] addClaimed(Transaction transaction, BTree tree) {
    return addTree(transaction, tree, cell -> Before.AS_IT_IS);
  }

  private byte[] addTree(Transaction transaction, BTree tree, BTree.BeforeImage hook) {
    byte[] key = treeKey(tree);
    byte[] value =
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES).putLong(0).putInt(tree.treeId()).array();
    Set<ByteBuffer> notLeft = added;
    if (notLeft != null) {
      notLeft.add(ByteBuffer.wrap(key)); // before it can be read from the list
    }
    pending.put(transaction, key, value, false, hook);
    return key;
  }

  /** Key in the list of a tree. */
  static byte[] treeKey(BTree tree) {
    return ByteBuffer.allocate(Long.BYTES).putLong(tree.rootPageId()).array();
  }

  /**
   * Takes a tree that was made to be claimed off the list, as part of {@code transaction}: whoever
   * claims it names it in the catalog. What is left is a ghost, for {@link #forgetClaim}.
   */
  void claim(Transaction transaction, BTree tree) {
    if (!pending.delete(transaction, treeKey(tree), cell -> Before.AS_IT_IS)) {
      throw new IllegalStateException(tree + " is not there to be claimed");
    }
  }

  /** The transaction that claimed the tree of that key has committed durably. */
  void forgetClaim(byte[] key) {
    pending.purge(key, each -> Arrays.equals(each, key));
  }

  /** Whether the entry is that of a tree. */
  static boolean isTree(byte[] value) {
    return value.length == Long.BYTES + Integer.BYTES;
  }

  static int treeId(byte[] value) {
    return ByteBuffer.wrap(value).getInt(Long.BYTES);
  }

  static long rootPageId(byte[] key) {
    return ByteBuffer.wrap(key).getLong();
  }

  /** Sets who empties trees before their roots are freed. */
  void disposeBy(TreeDisposal newDisposal) {
    disposal = newDisposal;
  }

  /**
   * Frees a chain of the list, page by page; each step is atomic and may be the last before a
   * crash.
   */
  void free(byte[] key) {
    byte[] value =
        pending.<byte @Nullable []>read(
            key, cell -> cell == null || cell.ghost() ? null : cell.value());
    TreeDisposal trees = disposal;
    if (value != null && isTree(value) && trees != null) {
      trees.empty(treeId(value), rootPageId(key));
    }
    boolean more = true;
    while (more) {
      more = overflow.popFree(pending, key);
    }
  }

  /**
   * Keys of the chains that were in the list when the store was opened, of which {@code isFree}
   * says that no unfinished transaction put them there: they are to be freed. None if a page of the
   * list is damaged: they wait for its repair. Called once, when nothing is undone any more.
   */
  List<byte[]> leftBefore(Predicate<byte[]> isFree) {
    try {
      Set<ByteBuffer> now = added;
      Predicate<byte[]> isLeft =
          key -> (now == null || !now.contains(ByteBuffer.wrap(key))) && isFree.test(key);
      claimsLeft().stream().filter(isLeft).forEach(this::forgetClaim);
      return entries().stream().map(Map.Entry::getKey).filter(isLeft).toList();
    } catch (CorruptionException | StorageIoException e) {
      LOG.log(System.Logger.Level.WARNING, "chains to be freed stay for later", e);
      return List.of();
    } finally {
      added = null;
    }
  }

  /** All chains in the list; after a restart each belongs to a committed transaction. */
  List<Map.Entry<byte[], byte[]>> entries() {
    return entries(pending);
  }

  /** Keys that are ghosts: of trees that were claimed. */
  List<byte[]> claimsLeft() {
    List<byte[]> ghosts = new ArrayList<>();
    TreeWalk.visit(pending, (key, cell) -> !cell.ghost() || ghosts.add(key));
    return ghosts;
  }

  static List<Map.Entry<byte[], byte[]>> entries(BTree pending) {
    List<Map.Entry<byte[], byte[]>> entries = new ArrayList<>();
    TreeWalk.visit(
        pending, (key, cell) -> cell.ghost() || entries.add(Map.entry(key, cell.value())));
    return entries;
  }
}
