package dev.redoubt.kv;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Waits for owners of keys and users of trees, and says in a conflict what was waited for.
 * Thread-safe; nobody calls it with a latch held.
 */
final class KeyWaits {
  private final WaitGraph graph;

  KeyWaits(WaitGraph graph) {
    this.graph = graph;
  }

  WaitGraph graph() {
    return graph;
  }

  /**
   * Waits for the owner of a version.
   *
   * @param owners everyone who keeps {@code transaction} from the key, whenever it is asked
   * @throws ConflictException as {@link #await}, or if restart left the owner and cannot undo it
   */
  void forOwner(
      WriteTransaction transaction, Version blocker, Supplier<List<WriteTransaction>> owners) {
    int treeId = blocker.ref.treeId();
    switch (blocker.writes.owner()) {
      case WriteTransaction owner -> {
        if (blocker.isIncrement()) {
          blocker.wantedBy(transaction);
        }
        String key = "a key of tree " + treeId + " that transaction " + owner.id() + " owns";
        await(
            transaction, owner, owners, key, () -> blocker.writes.isActive() && !blocker.unlinked);
      }
      case UnfinishedTransaction owner ->
          throw ConflictException.lasting("a key of tree " + treeId + " " + owner.reason());
      case null -> {} // it has just committed
    }
  }

  /** Waits behind one who waits to own the key alone. */
  void behind(WriteTransaction transaction, KeyRef ref, WriteTransaction ahead) {
    String key =
        "a key of tree %d that transaction %d has waited for before"
            .formatted(ref.treeId(), ahead.id());
    await(transaction, ahead, List::of, key, () -> true);
  }

  /**
   * Waits until another transaction has ended, or owns no more what is named.
   *
   * @param others who else must end before {@code transaction} can go on, whenever it is asked
   * @throws ConflictException if waiting would be a deadlock and this transaction is the youngest
   *     in it, or the longest wait is over
   */
  void await(
      WriteTransaction transaction,
      WriteTransaction owner,
      Supplier<List<WriteTransaction>> others,
      String key,
      BooleanSupplier stillOwned) {
    KeyWaitEvent event = new KeyWaitEvent();
    event.begin();
    WaitGraph.Outcome outcome = graph.await(transaction, owner, others, stillOwned);
    event.transactionId = transaction.id();
    event.ownerId = owner.id();
    event.outcome = outcome.name();
    event.commit();
    switch (outcome) {
      case OVER -> {}
      case OWN_THREAD ->
          throw ConflictException.lasting(
              "cannot wait for " + key + ": its work runs in this very thread, around this call");
      case DEADLOCK ->
          throw new ConflictException(
              "waiting for " + key + " would be a deadlock; run the transaction again");
      case CHOSEN ->
          throw new ConflictException(
              "chosen to resolve a deadlock over " + key + "; run it again");
      case TIMED_OUT ->
          throw new ConflictException(
              "waited " + graph.longestWait().toMillis() + " ms for " + key);
    }
  }
}
