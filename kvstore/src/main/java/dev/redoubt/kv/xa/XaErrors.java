package dev.redoubt.kv.xa;

import dev.redoubt.io.EngineHaltedException;
import dev.redoubt.kv.ClosedException;
import dev.redoubt.kv.ConflictException;
import dev.redoubt.kv.DecisionException;
import dev.redoubt.kv.SnapshotTooOldException;
import dev.redoubt.recovery.TransactionDoomedException;
import javax.transaction.xa.XAException;

/** What the store's errors are to a transaction manager. Stateless. */
final class XaErrors {
  private XaErrors() {}

  static XAException of(int code, String message) {
    XAException error = new XAException(message);
    error.errorCode = code;
    return error;
  }

  /** Why a branch could not be prepared or committed in one phase: it has been rolled back. */
  static XAException rolledBack(RuntimeException cause) {
    int code =
        switch (cause) {
          case ConflictException _, SnapshotTooOldException _ -> XAException.XA_RBTRANSIENT;
          case TransactionDoomedException _ -> XAException.XA_RBOTHER;
          default -> XAException.XA_RBROLLBACK;
        };
    return caused(code, cause);
  }

  /** Why a branch could not be decided: it is as it was, or the next opening tells. */
  static XAException undecided(RuntimeException cause) {
    int code =
        switch (cause) {
          case DecisionException unknown
              when unknown.reason() == DecisionException.Reason.UNKNOWN ->
              XAException.XAER_NOTA;
          case DecisionException _ -> XAException.XAER_PROTO;
          case EngineHaltedException _, ClosedException _ -> XAException.XAER_RMFAIL;
          default -> XAException.XAER_RMERR;
        };
    return caused(code, cause);
  }

  /** Whether nothing can be said of the branch before the store is opened again. */
  static boolean isFailure(RuntimeException cause) {
    return cause instanceof EngineHaltedException || cause instanceof ClosedException;
  }

  private static XAException caused(int code, RuntimeException cause) {
    XAException error = of(code, String.valueOf(cause.getMessage()));
    error.initCause(cause);
    return error;
  }
}
