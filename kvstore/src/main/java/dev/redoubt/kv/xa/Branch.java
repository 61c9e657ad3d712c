package dev.redoubt.kv.xa;

import dev.redoubt.kv.WriteTx;
import org.jspecify.annotations.Nullable;

/** A branch that has not been prepared. Guarded by its {@link XaStore}'s lock. */
final class Branch {
  final WriteTx transaction;

  /** {@code nanoTime} at which it is too late; 0 for never. */
  final long deadline;

  /** The resource that works for it now; null between {@code end} and {@code start}. */
  @Nullable StoreXaResource worker;

  /** Whether its work was interrupted, to be resumed. */
  boolean suspended;

  /** Whether its work has failed: it can only be rolled back. */
  boolean failed;

  Branch(WriteTx transaction, long deadline) {
    this.transaction = transaction;
    this.deadline = deadline;
  }

  boolean isAtRest() {
    return worker == null && !suspended;
  }
}
