package dev.redoubt.kv;

import org.jspecify.annotations.Nullable;

/** Who waits for whom, as tests look at it from outside. */
final class Waiters {
  private Waiters() {}

  /** How many wait for that transaction. */
  static int of(WriteTx owner) {
    Waiting waiting = ((WriteTransaction) owner).waitingIfAny();
    return waiting == null ? 0 : waiting.waiters().size();
  }

  /** Whether anybody has ever waited for it. */
  static boolean isContended(WriteTx owner) {
    Waiting waiting = ((WriteTransaction) owner).waitingIfAny();
    return waiting != null && waiting.contended;
  }

  /** For whom that transaction waits; null if it does not. */
  static @Nullable WriteTransaction waitedForBy(WriteTx waiter) {
    Waiting waiting = ((WriteTransaction) waiter).waitingIfAny();
    return waiting == null ? null : waiting.waitsFor;
  }
}
