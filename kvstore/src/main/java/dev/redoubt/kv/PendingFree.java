package dev.redoubt.kv;

import dev.redoubt.io.CorruptionException;
import dev.redoubt.io.StorageIoException;
import dev.redoubt.kv.btree.BTree;
import dev.redoubt.kv.btree.BTree.Before;
import dev.redoubt.kv.btree.Overflow;
import dev.redoubt.recovery.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The logged list of overflow chains that a transaction replaced or deleted and that are freed
 * after its commit (recovery rule 15). Entries are written by the transaction itself, so they go
 * with it when it rolls back. Thread-safe.
 */
final class PendingFree {
  private static final System.Logger LOG = System.getLogger(PendingFree.class.getName());

  private final BTree pending;
  private final Overflow overflow;

  PendingFree(BTree pending, Overflow overflow) {
    this.pending = pending;
    this.overflow = overflow;
  }

  /** Adds the chain to the list as part of {@code transaction}; returns its key in the list. */
  byte[] add(Transaction transaction, byte[] reference) {
    byte[] key = Overflow.pendingKey(reference);
    pending.put(
        transaction,
        key,
        Overflow.pendingValue(reference),
        false,
        cell -> cell != null && cell.ghost() ? Before.ABSENT : Before.AS_IT_IS);
    return key;
  }

  /**
   * Frees a chain of the list, page by page; each step is atomic and may be the last before a
   * crash.
   */
  void free(byte[] key) {
    boolean more = true;
    while (more) {
      more = overflow.popFree(pending, key);
    }
  }

  /** Keys of all chains in the list; none if a page of it is damaged: they wait for its repair. */
  List<byte[]> readable() {
    try {
      return entries().stream().map(Map.Entry::getKey).toList();
    } catch (CorruptionException | StorageIoException e) {
      LOG.log(System.Logger.Level.WARNING, "chains to be freed stay for later", e);
      return List.of();
    }
  }

  /** All chains in the list; after a restart each belongs to a committed transaction. */
  List<Map.Entry<byte[], byte[]>> entries() {
    List<Map.Entry<byte[], byte[]>> entries = new ArrayList<>();
    byte[] from = new byte[0];
    while (from != null) {
      from =
          pending.visitLeaf(
              from,
              true,
              true,
              (key, cell) -> {
                if (!cell.ghost()) {
                  entries.add(Map.entry(key, cell.value()));
                }
                return true;
              });
    }
    return entries;
  }
}
