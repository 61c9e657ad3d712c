package dev.redoubt.kv;

import dev.redoubt.recovery.Transaction;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction hands over when it is prepared, and what restart rebuilds of one: all that its
 * decision needs (store rule 12). Immutable, but for what {@code deciding} guards.
 */
final class PreparedWork {
  final Transaction transaction;
  final byte[] gtrid;
  final WriteSet writes;

  /** What it has read: locked until it is decided. */
  final ReadSet ranges;

  final Leftovers leftovers;

  /** The transaction that others wait for; null after a restart, when nobody waits. */
  final @Nullable WriteTransaction user;

  /** Held by the one who decides, to the end. */
  final ReentrantLock deciding = new ReentrantLock();

  PreparedWork(
      Transaction transaction,
      byte[] gtrid,
      WriteSet writes,
      ReadSet ranges,
      Leftovers leftovers,
      @Nullable WriteTransaction user) {
    this.transaction = transaction;
    this.gtrid = gtrid;
    this.writes = writes;
    this.ranges = ranges;
    this.leftovers = leftovers;
    this.user = user;
  }

  long id() {
    return transaction.id();
  }

  boolean hasName(byte[] name) {
    return Arrays.equals(gtrid, name);
  }
}
