package dev.redoubt.recovery;

import dev.redoubt.io.StorageException;

/**
 * The engine has rolled the transaction back, or is about to, because it was the oldest and pinned
 * the log at its cap. Nothing of it remains; run it again, if need be in smaller pieces.
 */
public final class TransactionDoomedException extends StorageException {
  private static final long serialVersionUID = 1L;

  TransactionDoomedException(String message) {
    super(message);
  }

  /** The same for another call: who is told twice gets two exceptions. */
  public TransactionDoomedException again() {
    return new TransactionDoomedException(String.valueOf(getMessage()));
  }

  @Override
  public String code() {
    return "transaction-doomed";
  }

  @Override
  public boolean isRetryable() {
    return true;
  }
}
