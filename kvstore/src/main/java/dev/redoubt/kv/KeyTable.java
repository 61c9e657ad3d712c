package dev.redoubt.kv;

import dev.redoubt.kv.btree.LeafBefore;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Who owns which key. Readers look up without waiting; writers wait for an owner's end, with no
 * latch held, as {@link WaitGraph} tells (store rule 11). Thread-safe.
 */
final class KeyTable {
  private final ConcurrentHashMap<KeyRef, KeyOwnership> owned = new ConcurrentHashMap<>();

  private final WaitGraph graph;

  /** Whether the keys of every transaction that restart left unfinished are here. */
  private volatile boolean everyOwnerKnown;

  KeyTable(WaitGraph graph) {
    this.graph = graph;
  }

  /** The key's ownership, or null if nobody owns it. */
  @Nullable KeyOwnership find(KeyRef ref) {
    return owned.get(ref);
  }

  /** Whether nobody owns the key, not even someone of whom restart could not tell. */
  boolean isSurelyFree(KeyRef ref) {
    return everyOwnerKnown && !owned.containsKey(ref);
  }

  /** Makes a transaction that restart left the owner of a key; called newest update first. */
  void own(UnfinishedTransaction owner, KeyRef ref, LeafBefore before) {
    owned.computeIfAbsent(ref, key -> new KeyOwnership(key, owner)).goBackTo(before);
  }

  /** Every transaction that restart left owns its keys. */
  void everyOwnerIsKnown() {
    everyOwnerKnown = true;
  }

  int size() {
    return owned.size();
  }

  /**
   * Makes {@code transaction} the owner of the key, waiting for another owner to end.
   *
   * @throws ConflictException if waiting would be a deadlock and this transaction is the youngest
   *     in it, or the longest wait is over, or a transaction that restart left owns the key
   */
  KeyOwnership acquire(WriteTransaction transaction, KeyRef ref) {
    KeyOwnership mine = new KeyOwnership(ref, transaction);
    while (true) {
      KeyOwnership other = owned.putIfAbsent(ref, mine);
      if (other == null) {
        transaction.owned().add(mine);
        return mine;
      }
      switch (other.owner) {
        case WriteTransaction owner when owner == transaction -> {
          return other;
        }
        case WriteTransaction owner -> waitFor(transaction, other, owner);
        case UnfinishedTransaction owner ->
            throw ConflictException.lasting("a key of tree " + ref.treeId() + " " + owner.reason());
      }
    }
  }

  /** Ends every ownership of the transaction and wakes those who wait for it. */
  void release(WriteTransaction transaction) {
    for (KeyOwnership each : transaction.owned()) {
      owned.remove(each.ref, each);
    }
    wake(transaction);
  }

  /**
   * Has those who wait for the transaction look again. After a halt its keys stay owned, so that
   * nobody reads what may not be committed, and whoever looks again is told of the halt.
   */
  void wake(WriteTransaction transaction) {
    graph.ended(transaction);
  }

  private void waitFor(WriteTransaction transaction, KeyOwnership other, WriteTransaction owner) {
    String key =
        "a key of tree " + other.ref.treeId() + " that transaction " + owner.id() + " owns";
    switch (graph.await(transaction, owner, () -> owned.get(other.ref) == other)) {
      case OVER -> {}
      case DEADLOCK -> {
        if (owner.closureThread == Thread.currentThread()) {
          throw ConflictException.lasting(
              "cannot wait for " + key + ": its work runs in this very thread, around this call");
        }
        throw new ConflictException(
            "waiting for " + key + " would be a deadlock; run the transaction again");
      }
      case CHOSEN ->
          throw new ConflictException(
              "chosen to resolve a deadlock over " + key + "; run it again");
      case TIMED_OUT ->
          throw new ConflictException(
              "waited " + graph.longestWait().toMillis() + " ms for " + key);
    }
  }
}
