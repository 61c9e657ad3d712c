package dev.redoubt.kv;

import dev.redoubt.recovery.TransactionDoomedException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Runs the work of a closure until it has committed, as often as the options say. Stateless. */
record WriteAttempts(WaitGraph waits, int most) {
  /** Begins an attempt, given the birth of the first; 0 for that. */
  @FunctionalInterface
  interface Begin {
    WriteTransaction attempt(long birth);
  }

  /** Work that gives nothing back, as work that does. */
  static <X extends Exception> Store.WriteFunction<Boolean, X> of(Store.WriteBody<X> body) {
    Objects.requireNonNull(body, "body");
    return tx -> {
      body.run(tx);
      return Boolean.TRUE;
    };
  }

  /** Each attempt is a transaction of {@code begin}, after the one that won has ended. */
  <R extends @Nullable Object, X extends Exception> R run(
      Begin begin, Store.WriteFunction<R, X> body) throws X {
    Objects.requireNonNull(body, "body");
    long birth = 0;
    for (int attempt = 1; ; attempt++) {
      WriteTransaction tx = begin.attempt(birth);
      birth = tx.birth();
      try {
        return once(tx, body);
      } catch (ConflictException | SnapshotTooOldException e) {
        if (e instanceof ConflictException conflict) {
          waits.lostAgainst(tx, conflict);
        }
        if (attempt >= most || !e.isRetryable() || !waits.awaitWinner(tx)) {
          throw e;
        }
      } catch (TransactionDoomedException e) {
        if (attempt >= most) {
          throw e;
        }
      }
    }
  }

  /**
   * One attempt; the transaction is over at the end. Not by try-with-resources: a JVM whose heap is
   * full throws one and the same error again and again, and none can be suppressed by itself.
   */
  @SuppressWarnings("ReferenceEquality")
  private static <R extends @Nullable Object, X extends Exception> R once(
      WriteTransaction tx, Store.WriteFunction<R, X> body) throws X {
    R result;
    try {
      result = body.apply(tx);
      tx.commitClosure();
    } catch (Throwable t) {
      try {
        tx.giveUp(false);
      } catch (RuntimeException | Error also) {
        if (also != t) {
          t.addSuppressed(also);
        }
      }
      throw t;
    }
    tx.giveUp(false);
    return result;
  }
}
