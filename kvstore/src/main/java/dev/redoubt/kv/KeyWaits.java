package dev.redoubt.kv;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import jdk.jfr.FlightRecorder;

/**
 * Waits for owners of keys and users of trees, and says in a conflict what was waited for.
 * Thread-safe; nobody calls it with a latch held.
 */
final class KeyWaits {
  private final WaitGraph graph;

  /** How trees are called; by their ids until the catalog is there. */
  private volatile IntFunction<String> treeNames = id -> "tree " + id;

  KeyWaits(WaitGraph graph) {
    this.graph = graph;
  }

  WaitGraph graph() {
    return graph;
  }

  /** From now on messages call trees so. */
  void nameTrees(IntFunction<String> names) {
    treeNames = names;
  }

  /** A key of that tree, for messages. */
  String keyOf(int treeId) {
    return "a key of " + treeNames.apply(treeId);
  }

  /**
   * Waits for the owner of a version.
   *
   * @param owners everyone who keeps {@code transaction} from the key, whenever it is asked
   * @throws ConflictException as {@link #await}, or if restart left the owner and cannot undo it
   */
  void forOwner(
      WriteTransaction transaction, Version blocker, Supplier<List<WriteTransaction>> owners) {
    int treeId = blocker.treeId();
    switch (blocker.writes.owner()) {
      case WriteTransaction owner -> {
        if (blocker.isIncrement()) {
          blocker.wantedBy(transaction);
        }
        await(
            transaction,
            owner,
            owners,
            () -> keyOf(treeId) + " that " + named(owner) + " owns",
            () -> blocker.writes.isActive() && !blocker.unlinked);
      }
      case UnfinishedTransaction owner ->
          throw ConflictException.lasting(keyOf(treeId) + " " + owner.reason());
      case null -> {} // it has just committed
    }
  }

  /** Waits behind one who waits to own the key alone. */
  void behind(WriteTransaction transaction, int treeId, WriteTransaction ahead) {
    await(
        transaction,
        ahead,
        List::of,
        () -> keyOf(treeId) + " that " + named(ahead) + " has waited for before",
        () -> true);
  }

  /** A transaction that is waited for, and who began it: it may have been forgotten there. */
  static String named(WriteTransaction transaction) {
    Thread began = transaction.begunBy;
    String by = began == Thread.currentThread() ? "this very thread" : began.toString();
    return "transaction " + transaction.id() + " (begun by " + by + ")";
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
      Supplier<String> what,
      BooleanSupplier stillOwned) {
    KeyWaitEvent event = FlightRecorder.isInitialized() ? KeyWaitEvent.begun() : null;
    WaitGraph.Outcome outcome = graph.await(transaction, owner, others, stillOwned);
    if (event != null) {
      event.transactionId = transaction.id();
      event.ownerId = owner.id();
      event.outcome = outcome.name();
      event.commit();
    }
    switch (outcome) {
      case OVER -> {}
      case OWN_THREAD ->
          throw ConflictException.lasting(
              "cannot wait for "
                  + what.get()
                  + ": its closure runs in this very thread, around this call; use its transaction,"
                  + " or come back when it has ended");
      case DEADLOCK ->
          throw new ConflictException(
              "waiting for " + what.get() + " would be a deadlock; run the transaction again");
      case CHOSEN ->
          throw new ConflictException(
              "chosen to resolve a deadlock over " + what.get() + "; run it again");
      case TIMED_OUT ->
          throw new ConflictException(
              "waited "
                  + graph.longestWait().toMillis()
                  + " ms for "
                  + what.get()
                  + "; end that one, run this again, or wait longer (StoreOptions.conflictWait)");
    }
  }
}
