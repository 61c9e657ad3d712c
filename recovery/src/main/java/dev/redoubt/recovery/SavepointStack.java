package dev.redoubt.recovery;

import java.util.ArrayList;
import java.util.List;

/** The savepoints of one transaction that can be rolled back to. Confined to its user. */
final class SavepointStack {
  private final long transactionId;

  /** Most transactions have none, and then it takes no memory. */
  private List<Long> lsns = List.of();

  SavepointStack(long transactionId) {
    this.transactionId = transactionId;
  }

  Savepoint add(long lsn) {
    if (lsns.isEmpty()) {
      lsns = new ArrayList<>();
    }
    lsns.add(lsn);
    return new Savepoint(transactionId, lsn);
  }

  /** Gives up the latest; any other is left as it is. */
  void forget(Savepoint savepoint) {
    if (!lsns.isEmpty() && lsns.getLast() == savepoint.lsn()) {
      lsns.removeLast();
    }
  }

  /**
   * Where it stands in the stack.
   *
   * @throws IllegalArgumentException if it is another transaction's
   * @throws IllegalStateException if an earlier one has been rolled back to since
   */
  int find(Savepoint savepoint) {
    if (savepoint.transactionId() != transactionId) {
      throw new IllegalArgumentException(
          "a savepoint of transaction " + savepoint.transactionId() + ", this is " + transactionId);
    }
    int index = lsns.lastIndexOf(savepoint.lsn());
    if (index < 0) {
      throw new IllegalStateException(
          "savepoint at LSN " + savepoint.lsn() + " is gone: an earlier one was rolled back to");
    }
    return index;
  }

  /** Those above {@code index} are gone. */
  void cut(int index) {
    lsns.subList(index + 1, lsns.size()).clear();
  }
}
