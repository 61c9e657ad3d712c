package dev.redoubt.kv;

import org.jspecify.annotations.Nullable;

/**
 * Another transaction owns the key, or waiting for it would be a deadlock. The transaction is
 * doomed: roll it back and, if {@link #isRetryable} says so, run it again ({@code write} does).
 */
public final class ConflictException extends StoreException {
  private static final long serialVersionUID = 1L;

  /** Who owned the key, for the attempts of transactions around the one that lost. */
  transient @Nullable WriteTransaction winner;

  /** A conflict that running the transaction again may resolve. */
  public ConflictException(String message) {
    this(message, true);
  }

  private ConflictException(String message, boolean retryable) {
    super("conflict", retryable, message);
  }

  /** A conflict that the same work would meet again. */
  static ConflictException lasting(String message) {
    return new ConflictException(message, false);
  }

  /** What a doomed transaction says when it is used further. */
  ConflictException again(String transaction) {
    return isRetryable()
        ? new ConflictException(
            transaction + " met a conflict before; roll it back and run it again")
        : lasting(transaction + " met a conflict before: " + getMessage());
  }
}
