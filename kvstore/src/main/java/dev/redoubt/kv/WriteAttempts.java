package dev.redoubt.kv;

import dev.redoubt.recovery.TransactionDoomedException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Runs the work of a closure until it has committed, as often as the options say. Stateless. */
record WriteAttempts(WaitGraph waits, int most) {
  /** Each attempt is a transaction of {@code begin}, after the one that won has ended. */
  <R extends @Nullable Object, X extends Exception> R run(
      Supplier<WriteTransaction> begin, Store.WriteFunction<R, X> body) throws X {
    for (int attempt = 1; ; attempt++) {
      WriteTransaction tx = begin.get();
      try (tx) {
        R result = body.apply(tx);
        tx.commit();
        return result;
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
}
